//! How emails leave this installation.

use secrecy::ExposeSecret;
use url::Url;
use vitrine_people::mail::{Files, Mailbox, Relay, Smtp, Transport};

use crate::config::Settings;
use crate::failure::Failure;

/// A sender that no mail server ever sees: with one, another has to be set.
const NOBODY: &str = "Vitrine <vitrine@localhost>";

/// The mail server that is configured, or files.
///
/// # Errors
/// When the server's address cannot be used, or this machine trusts no certificates.
pub(crate) fn transport(settings: &Settings, public_url: &Url) -> Result<Transport, Failure> {
    let Some(url) = &settings.mail.url else {
        return Ok(Transport::Files(mail_files(settings)));
    };
    let hello_name = public_url.host_str().unwrap_or("localhost").to_owned();
    let relay = Relay::read(url.full().expose_secret(), hello_name)
        .map_err(|error| Failure::configuration(format!("mail.url {error}")))?;
    let smtp =
        Smtp::new(relay).map_err(|error| Failure::start(format!("cannot send mail by {url}: {error}")))?;
    Ok(Transport::Smtp(smtp))
}

/// Where emails are kept as files, while there is no mail server or from before there was one.
pub(crate) fn mail_files(settings: &Settings) -> Files {
    Files::in_directory(settings.mail_directory())
}

/// Who emails are from.
///
/// # Errors
/// When that is no address.
pub(crate) fn sender(settings: &Settings) -> Result<Mailbox, Failure> {
    let from = settings.mail.from.as_deref().unwrap_or(NOBODY);
    from.parse()
        .map_err(|_| Failure::configuration("mail.from must be an address"))
}
