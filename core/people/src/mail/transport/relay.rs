//! The mail server that takes our emails, and how its address is written.

use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use std::fmt;
use url::Url;
use vitrine_base::web::address::is_loopback;

/// RFC 8314.
const SUBMISSIONS_PORT: u16 = 465;
/// RFC 6409.
const SUBMISSION_PORT: u16 = 587;
const SMTP_PORT: u16 = 25;

/// How the conversation is kept from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// From the first byte (`smtps://`, RFC 8314).
    FromTheStart,
    /// By STARTTLS, and not without.
    StartTls,
    /// Not at all: for servers on this machine or a private network.
    None,
}

/// The mail server that takes our emails.
#[derive(Clone)]
pub struct Relay {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the conversation is kept from others.
    pub encryption: Encryption,
    /// User and password, where it wants to know who we are.
    pub credentials: Option<(String, SecretString)>,
    /// The name that we introduce ourselves by.
    pub hello_name: String,
}

/// The address of a mail server cannot be used. The address itself is not repeated: it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRelay {
    /// It is no address of a mail server.
    #[error("must be smtps://user:password@host:port, or smtp:// with STARTTLS, or smtp://host?tls=none")]
    Malformed,
    /// Everybody on the way could read the password.
    #[error("a password needs an encrypted connection: use smtps://, or smtp:// without tls=none")]
    PasswordInClear,
}

impl Relay {
    /// Reads `smtps://…` (encrypted from the start), `smtp://…` (STARTTLS, and refused without) or
    /// `smtp://…?tls=none` (in clear, and with a password only on this machine).
    ///
    /// # Errors
    /// See [`BadRelay`].
    pub fn read(address: &str, hello_name: String) -> Result<Self, BadRelay> {
        let url = Url::parse(address).map_err(|_| BadRelay::Malformed)?;
        let host = url
            .host_str()
            .filter(|host| !host.is_empty())
            .ok_or(BadRelay::Malformed)?;
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(BadRelay::Malformed);
        }
        let encryption = encryption(&url)?;
        let credentials = credentials(&url)?;
        if encryption == Encryption::None && credentials.is_some() && !is_loopback(host) {
            return Err(BadRelay::PasswordInClear);
        }
        Ok(Self {
            host: host.trim_matches(['[', ']']).to_owned(),
            port: url.port().unwrap_or(match encryption {
                Encryption::FromTheStart => SUBMISSIONS_PORT,
                Encryption::StartTls => SUBMISSION_PORT,
                Encryption::None => SMTP_PORT,
            }),
            encryption,
            credentials,
            hello_name,
        })
    }
}

impl fmt::Debug for Relay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Relay({}:{})", self.host, self.port)
    }
}

fn encryption(url: &Url) -> Result<Encryption, BadRelay> {
    match (url.scheme(), url.query()) {
        ("smtps", None) => Ok(Encryption::FromTheStart),
        ("smtp", None | Some("tls=required")) => Ok(Encryption::StartTls),
        ("smtp", Some("tls=none")) => Ok(Encryption::None),
        _ => Err(BadRelay::Malformed),
    }
}

fn credentials(url: &Url) -> Result<Option<(String, SecretString)>, BadRelay> {
    let decoded = |text: &str| {
        let text = percent_decode_str(text).decode_utf8();
        text.map(std::borrow::Cow::into_owned)
            .map_err(|_| BadRelay::Malformed)
    };
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        ("", Some(_)) | (_, None) => Err(BadRelay::Malformed),
        (user, Some(password)) => Ok(Some((decoded(user)?, decoded(password)?.into()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    fn read(address: &str) -> Result<Relay, BadRelay> {
        Relay::read(address, "vitrine.example".to_owned())
    }

    #[test]
    fn an_address_says_how_the_conversation_is_kept() {
        let known = [
            ("smtps://mail.example", Encryption::FromTheStart, 465),
            ("smtp://mail.example", Encryption::StartTls, 587),
            ("smtp://mail.example?tls=none", Encryption::None, 25),
            ("smtp://127.0.0.1:2525?tls=none", Encryption::None, 2525),
        ];
        for (address, encryption, port) in known {
            let relay = read(address).unwrap();
            assert_eq!((relay.encryption, relay.port), (encryption, port), "{address}");
        }
    }

    #[test]
    fn user_and_password_are_decoded_and_never_shown() {
        let relay = read("smtps://me%40here.example:p%3A%2Fw@mail.example").unwrap();

        let (user, password) = relay.credentials.clone().unwrap();

        assert_eq!(
            (user.as_str(), password.expose_secret()),
            ("me@here.example", "p:/w")
        );
        assert!(!format!("{relay:?}").contains("p:"));
    }

    #[test]
    fn what_would_send_a_password_in_clear_is_refused() {
        assert_eq!(
            read("smtp://me:pw@mail.example?tls=none").unwrap_err(),
            BadRelay::PasswordInClear
        );
        assert!(read("smtp://me:pw@127.0.0.1?tls=none").is_ok());
        assert!(read("smtp://me:pw@localhost:25?tls=none").is_ok());
        for bad in [
            "smtp://",
            "smtp://host?tls=maybe",
            "smtps://h?tls=none",
            "smtp://me@h",
            "smtp://h/x",
            "x",
        ] {
            assert_eq!(read(bad).unwrap_err(), BadRelay::Malformed, "{bad}");
        }
    }
}
