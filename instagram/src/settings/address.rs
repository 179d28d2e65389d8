//! Which addresses a client may be pointed at.

use url::Url;

use crate::outgoing::{BuildError, is_loopback};
use crate::settings::ClientSettings;

/// Refuses settings that would send secrets to a place they should not go.
pub(crate) fn check(settings: &ClientSettings) -> Result<(), BuildError> {
    check_one("authorize_url", &settings.authorize_url)?;
    check_one("token_url", &settings.token_url)?;
    check_one("graph_url", &settings.graph_url)
}

fn check_one(setting: &'static str, url: &Url) -> Result<(), BuildError> {
    let secure = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(url));
    if !secure {
        return Err(BuildError::Insecure { setting });
    }
    let credentials = !url.username().is_empty() || url.password().is_some();
    if credentials || url.query().is_some() || url.fragment().is_some() {
        return Err(BuildError::NotPlain { setting });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(address: &str) -> Result<(), BuildError> {
        check_one("graph_url", &Url::parse(address).unwrap())
    }

    #[test]
    fn https_anywhere_and_http_to_loopback_are_accepted() {
        for address in [
            "https://graph.instagram.com",
            "https://mirror.example/graph",
            "http://127.0.0.1:9000",
            "http://127.8.9.1/graph",
            "http://[::1]:9000",
            "http://localhost:9000/",
            "http://sim.localhost",
        ] {
            assert!(verdict(address).is_ok(), "{address}");
        }
    }

    #[test]
    fn http_beyond_loopback_and_other_schemes_are_refused() {
        for address in [
            "http://graph.instagram.com",
            "http://localhost.example.com",
            "http://127.0.0.1.example.com",
            "http://10.0.0.1",
            "http://0.0.0.0:9000",
            "ftp://localhost/",
            "file:///etc/passwd",
            "data:text/plain,hello",
        ] {
            assert!(
                matches!(
                    verdict(address),
                    Err(BuildError::Insecure { setting: "graph_url" })
                ),
                "{address}"
            );
        }
    }

    #[test]
    fn addresses_with_something_hidden_in_them_are_refused() {
        for address in [
            "https://me:pw@host/",
            "https://me@host/",
            "https://host/?token=1",
            "https://host/#x",
        ] {
            assert!(
                matches!(verdict(address), Err(BuildError::NotPlain { .. })),
                "{address}"
            );
        }
    }
}
