//! Credentials that must not be printed.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

/// An Instagram access token, short- or long-lived.
///
/// Opaque: its length and alphabet are Meta's business (over 255 characters happen). `Debug` hides it and
/// its memory is wiped on drop.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub struct AccessToken(SecretString);

/// An authorization code from the redirect back. Valid for one hour and for one exchange, says Meta.
///
/// `Debug` hides it and its memory is wiped on drop.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub struct AuthorizationCode(SecretString);

impl AccessToken {
    /// The token itself, for sealing it or sending it. Never log what this returns.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl AuthorizationCode {
    /// The code as it was given, with a trailing `#_` if it had one. Never log what this returns.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// The code without the empty fragment that Instagram appends to its redirect and that sticks to a code
    /// copied from the address bar.
    pub(crate) fn redeemable(&self) -> &str {
        let code = self.expose();
        code.strip_suffix("#_").unwrap_or(code)
    }
}

impl From<String> for AccessToken {
    fn from(token: String) -> Self {
        Self(SecretString::from(token))
    }
}

impl From<&str> for AccessToken {
    fn from(token: &str) -> Self {
        Self(SecretString::from(token))
    }
}

impl From<SecretString> for AccessToken {
    fn from(token: SecretString) -> Self {
        Self(token)
    }
}

impl From<String> for AuthorizationCode {
    fn from(code: String) -> Self {
        Self(SecretString::from(code))
    }
}

impl From<&str> for AuthorizationCode {
    fn from(code: &str) -> Self {
        Self(SecretString::from(code))
    }
}

impl From<SecretString> for AuthorizationCode {
    fn from(code: SecretString) -> Self {
        Self(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_trailing_fragment_is_stripped_from_a_code() {
        for (given, sent) in [
            ("AQD-x#_", "AQD-x"),
            ("AQD-x", "AQD-x"),
            ("A#_B", "A#_B"),
            ("A_", "A_"),
        ] {
            assert_eq!(AuthorizationCode::from(given).redeemable(), sent);
        }
    }
}
