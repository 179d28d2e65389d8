//! The app that is registered with Meta.

use std::num::NonZeroU32;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use url::Url;
use vitrine_instagram::{ApiVersion, ClientSettings, Dialect, ExchangeEncoding};

use super::number;
use crate::config::{lists, parsers, secrets};

/// Section `[instagram]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct InstagramSection {
    /// The Instagram App ID from Meta's dashboard.
    pub(crate) client_id: Option<String>,
    /// The Instagram app secret that goes with it.
    #[serde(serialize_with = "secrets::presence")]
    pub(crate) client_secret: Option<SecretString>,
    /// The secret of the Meta app around it, which may sign callbacks as well. Default: none.
    #[serde(serialize_with = "secrets::presence")]
    pub(crate) meta_app_secret: Option<SecretString>,
    /// What Meta says when it asks whether the webhook's address is ours; entered in Meta's dashboard as well.
    /// Default: none, and no webhook.
    #[serde(serialize_with = "secrets::presence")]
    pub(crate) webhook_verify_token: Option<SecretString>,
    /// `instagram_login` or `basic_display`. Default `instagram_login`.
    #[serde(deserialize_with = "parsers::choice")]
    pub(crate) dialect: Dialect,
    /// Where account owners log in. Default: Instagram's page for the dialect.
    #[serde(deserialize_with = "parsers::web")]
    pub(crate) authorize_url: Option<Url>,
    /// Where codes are exchanged, the whole address `…/oauth/access_token`. Default: Instagram's.
    #[serde(deserialize_with = "parsers::web")]
    pub(crate) token_url: Option<Url>,
    /// Root of the Graph API, without a version. Default: Instagram's.
    #[serde(deserialize_with = "parsers::web")]
    pub(crate) graph_url: Option<Url>,
    /// Version of the Graph API. Default `v25.0`.
    pub(crate) api_version: ApiVersion,
    /// Calls per account in a rolling hour. Default 200.
    pub(crate) calls_per_hour: NonZeroU32,
    /// Calls of the whole app in a rolling hour, over all accounts. Default: no limit but the platform's.
    pub(crate) app_calls_per_hour: Option<NonZeroU32>,
    /// Addresses registered with Meta to which a login may return, besides the built-in callback. Default: any
    /// https address, since Instagram itself refuses the others.
    #[serde(deserialize_with = "lists::addresses")]
    pub(crate) redirect_uris: Vec<String>,
    /// Encoding of the code exchange: `multipart` or `form`. Default `multipart`.
    #[serde(deserialize_with = "parsers::choice")]
    pub(crate) exchange_encoding: ExchangeEncoding,
    /// Hosts from which pictures may be fetched, with everything below them. Default: Instagram's two networks.
    #[serde(deserialize_with = "lists::hosts")]
    pub(crate) media_hosts: Vec<String>,
}

impl Default for InstagramSection {
    fn default() -> Self {
        Self {
            client_id: None,
            client_secret: None,
            meta_app_secret: None,
            webhook_verify_token: None,
            dialect: Dialect::default(),
            authorize_url: None,
            token_url: None,
            graph_url: None,
            api_version: ApiVersion::default(),
            calls_per_hour: number(200),
            app_calls_per_hour: None,
            redirect_uris: Vec::new(),
            exchange_encoding: ExchangeEncoding::default(),
            media_hosts: vec!["cdninstagram.com".to_owned(), "fbcdn.net".to_owned()],
        }
    }
}

impl InstagramSection {
    /// The client's settings for an app, with what is set here over the dialect's own addresses.
    pub(crate) fn client(&self, client_id: String, client_secret: SecretString) -> ClientSettings {
        let known = ClientSettings::for_dialect(self.dialect, client_id, client_secret);
        ClientSettings {
            authorize_url: self.authorize_url.clone().unwrap_or(known.authorize_url),
            token_url: self.token_url.clone().unwrap_or(known.token_url),
            graph_url: self.graph_url.clone().unwrap_or(known.graph_url),
            api_version: self.api_version.clone(),
            exchange_encoding: self.exchange_encoding,
            ..known
        }
    }
}
