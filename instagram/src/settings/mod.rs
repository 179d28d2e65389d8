//! What a client has to know.

pub(crate) mod address;
pub(crate) mod version;

use std::time::Duration;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use url::Url;

use version::ApiVersion;

/// Which of Instagram's two OAuth products the app speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// Instagram API with Instagram Login: the living one, for professional accounts.
    #[default]
    InstagramLogin,
    /// Basic Display. Meta's own servers have refused it since 2024-12-04; kept for compatible ones.
    BasicDisplay,
}

impl Dialect {
    /// The scope without which nothing can be read.
    pub(crate) fn required_scope(self) -> &'static str {
        match self {
            Self::InstagramLogin => "instagram_business_basic",
            Self::BasicDisplay => "user_profile",
        }
    }

    /// The scopes asked for at login: what reading a profile and its media takes, and no more.
    pub(crate) fn requested_scopes(self) -> &'static str {
        match self {
            Self::InstagramLogin => "instagram_business_basic",
            Self::BasicDisplay => "user_profile,user_media",
        }
    }
}

/// How the body of the code exchange is encoded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExchangeEncoding {
    /// `multipart/form-data`, as in Meta's own samples.
    #[default]
    Multipart,
    /// `application/x-www-form-urlencoded`.
    Form,
}

/// Everything a [`Client`](crate::Client) needs to know. `Debug` hides the secret.
#[derive(Clone, Debug)]
pub struct ClientSettings {
    /// The *Instagram* App ID, not the Meta App ID above it in the dashboard.
    pub client_id: String,
    /// The *Instagram* app secret that goes with it.
    pub client_secret: SecretString,
    /// The product the app is registered for.
    pub dialect: Dialect,
    /// Where the account owner's browser is sent to log in.
    pub authorize_url: Url,
    /// Where a code is exchanged, the whole address: `…/oauth/access_token`.
    pub token_url: Url,
    /// Root of the Graph host, without a version.
    pub graph_url: Url,
    /// Version put into the paths of data calls. The token endpoints are called without one.
    pub api_version: ApiVersion,
    /// Body encoding of the code exchange.
    pub exchange_encoding: ExchangeEncoding,
    /// Time and size limits of one call.
    pub limits: Limits,
}

impl ClientSettings {
    /// Settings for Meta's own servers, with every choice at its default.
    pub fn for_dialect(
        dialect: Dialect,
        client_id: impl Into<String>,
        client_secret: impl Into<SecretString>,
    ) -> Self {
        let authorize_url = match dialect {
            Dialect::InstagramLogin => "https://www.instagram.com/oauth/authorize",
            Dialect::BasicDisplay => "https://api.instagram.com/oauth/authorize",
        };
        Self {
            client_id: client_id.into(),
            client_secret: client_secret.into(),
            dialect,
            authorize_url: constant_url(authorize_url),
            token_url: constant_url("https://api.instagram.com/oauth/access_token"),
            graph_url: constant_url("https://graph.instagram.com/"),
            api_version: ApiVersion::default(),
            exchange_encoding: ExchangeEncoding::default(),
            limits: Limits::default(),
        }
    }
}

#[expect(
    clippy::expect_used,
    reason = "only constants reach it, and a test parses each of them"
)]
fn constant_url(address: &'static str) -> Url {
    Url::parse(address).expect("a constant address parses")
}

/// Bounds on one call. Passing any of them is a failure worth a retry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest time to open a connection, TLS included.
    pub connect: Duration,
    /// Longest silence while waiting for the next piece of an answer.
    pub read: Duration,
    /// Longest time for the whole call, from connecting to the last byte.
    pub total: Duration,
    /// Largest body accepted, in bytes after decompression.
    pub max_body_bytes: usize,
}

impl Default for Limits {
    /// 5 s to connect, 10 s of silence, 30 s in all, 8 MiB: a page of 100 carousels of 20 fits.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            read: Duration::from_secs(10),
            total: Duration::from_secs(30),
            max_body_bytes: 8 * 1024 * 1024,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_dialect_has_its_own_login_page_and_shares_the_rest() {
        let login = ClientSettings::for_dialect(Dialect::InstagramLogin, "1", "secret");
        let basic = ClientSettings::for_dialect(Dialect::BasicDisplay, "1", "secret");

        assert_eq!(
            login.authorize_url.as_str(),
            "https://www.instagram.com/oauth/authorize"
        );
        assert_eq!(
            basic.authorize_url.as_str(),
            "https://api.instagram.com/oauth/authorize"
        );
        assert_eq!(login.token_url, basic.token_url);
        assert_eq!(login.graph_url.as_str(), "https://graph.instagram.com/");
        assert_eq!(login.api_version.as_str(), "v25.0");
    }

    #[test]
    fn choices_are_spelled_in_snake_case() {
        assert_eq!(
            serde_json::to_string(&Dialect::InstagramLogin).unwrap(),
            "\"instagram_login\""
        );
        assert_eq!(
            serde_json::from_str::<Dialect>("\"basic_display\"").unwrap(),
            Dialect::BasicDisplay
        );
        assert_eq!(
            serde_json::from_str::<ExchangeEncoding>("\"form\"").unwrap(),
            ExchangeEncoding::Form
        );
        assert_eq!(ExchangeEncoding::default(), ExchangeEncoding::Multipart);
    }
}
