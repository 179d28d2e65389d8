//! Where the master key comes from: the configuration, or a file that `up` makes.

use secrecy::ExposeSecret;
use vitrine_base::security::MasterKey;

use super::engines::Engines;
use crate::config::Settings;
use crate::data_directory::private_file;
use crate::failure::Failure;

/// The configured key, or the one in the data directory, if there is one.
///
/// # Errors
/// When the file can be read by others or holds no key.
pub(crate) fn configured_or_kept(settings: &Settings) -> Result<Option<MasterKey>, Failure> {
    match &settings.security.master_key {
        Some(key) => Ok(Some(key.clone())),
        None => kept(settings),
    }
}

/// The key that was found, or a new one in the data directory for a database that has none.
///
/// # Errors
/// When the database was set up with a key that is missing, or the file cannot be made.
pub(crate) async fn found_or_made(
    settings: &Settings,
    engines: &Engines,
    found: Option<MasterKey>,
) -> Result<MasterKey, Failure> {
    match found {
        Some(key) => Ok(key),
        None if engines.is_claimed().await? => Err(lost(settings)),
        None => make(settings),
    }
}

fn lost(settings: &Settings) -> Failure {
    Failure::start(format!(
        "the master key that this database was set up with is missing: put it back into {} or security.master_key",
        settings.master_key_file().display()
    ))
}

fn kept(settings: &Settings) -> Result<Option<MasterKey>, Failure> {
    let path = settings.master_key_file();
    let Some(text) = private_file::read(&path)? else {
        return Ok(None);
    };
    let key = MasterKey::from_base64(&text)
        .map_err(|error| Failure::configuration(format!("the key in {} {error}", path.display())))?;
    Ok(Some(key))
}

fn make(settings: &Settings) -> Result<MasterKey, Failure> {
    let path = settings.master_key_file();
    private_file::create(&path, key_line(&MasterKey::generate()).as_str())?;
    tracing::info!(path = %path.display(), "created a master key; keep a copy, tokens cannot be read without it");
    kept(settings)?.ok_or_else(|| Failure::start(format!("{} vanished", path.display())))
}

fn key_line(key: &MasterKey) -> String {
    format!("{}\n", key.to_base64().expose_secret())
}
