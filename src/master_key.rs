//! Where the master key comes from: the configuration, or a file that `up` makes.

use secrecy::ExposeSecret;
use vitrine_core::security::MasterKey;

use crate::config::Settings;
use crate::failure::Failure;
use crate::private_file;

/// The configured key, or the one in the data directory, made now when there is none.
///
/// # Errors
/// When the file can be read by others, holds no key, or cannot be made.
pub(crate) fn configured_or_kept(settings: &Settings) -> Result<MasterKey, Failure> {
    if let Some(key) = &settings.security.master_key {
        return Ok(key.clone());
    }
    match kept(settings)? {
        Some(key) => Ok(key),
        None => make(settings),
    }
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
    tracing::info!(path = %path.display(), "made a master key; keep a copy, tokens cannot be read without it");
    kept(settings)?.ok_or_else(|| Failure::start(format!("{} vanished", path.display())))
}

fn key_line(key: &MasterKey) -> String {
    format!("{}\n", key.to_base64().expose_secret())
}
