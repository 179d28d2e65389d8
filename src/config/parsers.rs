//! Addresses and choices, with errors that say what is wanted instead of repeating what was given.

use std::net::SocketAddr;

use serde::de::value::StringDeserializer;
use serde::de::{Error, IntoDeserializer};
use serde::{Deserialize, Deserializer};
use url::Url;
use vitrine_people::mail::Mailbox;

/// Reads an address that programs and browsers can call: http or https, with a host and no credentials.
pub(super) fn web<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Url>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let url = Url::parse(&text).ok().filter(is_plain);
    match url {
        Some(url) => Ok(Some(url)),
        None => Err(D::Error::custom(
            "must be an address like https://example.com, without credentials, query or fragment",
        )),
    }
}

/// Reads an address to listen on.
pub(super) fn listen<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse()
        .map_err(|_| D::Error::custom("must be an IP address and a port, like 127.0.0.1:8080"))
}

/// Reads an address to listen on that may be left out.
pub(super) fn maybe_listen<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<SocketAddr>, D::Error> {
    listen(deserializer).map(Some)
}

/// Reads one of a few words and names all of them when it is another.
pub(super) fn choice<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    let text: StringDeserializer<D::Error> = String::deserialize(deserializer)?.into_deserializer();
    T::deserialize(text)
}

/// Reads one of a few words that may be left out.
pub(super) fn maybe_choice<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    choice(deserializer).map(Some)
}

/// Reads a sender, kept as it is written.
pub(super) fn mailbox<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    match text.parse::<Mailbox>() {
        Ok(_) => Ok(Some(text)),
        Err(_) => Err(D::Error::custom(
            "must be an address like photos@example.com, or Name <photos@example.com>",
        )),
    }
}

fn is_plain(url: &Url) -> bool {
    let secretive = !url.username().is_empty() || url.password().is_some();
    let web = matches!(url.scheme(), "http" | "https") && url.has_host();
    web && !secretive && url.query().is_none() && url.fragment().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_web_address_hides_nothing() {
        assert!(is_plain(&Url::parse("https://example.com/photos").unwrap()));
        for bad in [
            "ftp://example.com",
            "https://me:pw@example.com",
            "https://a.example/?x=1",
            "https://a.example/#x",
        ] {
            assert!(!is_plain(&Url::parse(bad).unwrap()), "{bad}");
        }
    }
}
