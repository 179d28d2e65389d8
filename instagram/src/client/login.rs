//! From the owner's consent to a token, and how a token stays alive.

use reqwest::{Method, RequestBuilder, multipart};
use secrecy::ExposeSecret;
use url::Url;

use super::Client;
use crate::answers::grant::{LongLivedToken, ShortLivedGrant};
use crate::endpoint::Endpoint;
use crate::failure::Failure;
use crate::secret::{AccessToken, AuthorizationCode};
use crate::settings::{Dialect, ExchangeEncoding};
use crate::transport;
use crate::usage::Answer;

/// Whether a login may use the Instagram session that is open in the browser.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LoginPrompt {
    /// Take the open session; the owner only has to agree.
    #[default]
    Reuse,
    /// Ask for the password all the same, so that a second account can be connected. Basic Display knows
    /// no such thing and ignores it.
    ForceReauth,
}

impl Client {
    /// The scope without which nothing can be read; owners may untick others at login.
    pub fn required_scope(&self) -> &'static str {
        self.dialect().required_scope()
    }

    /// Where to send the owner's browser, in the top window. `redirect_uri` must equal a registered one
    /// byte for byte; `state` comes back unchanged.
    pub fn authorize_url(&self, redirect_uri: &str, state: &str, prompt: LoginPrompt) -> Url {
        let settings = &self.shared.settings;
        let mut url = settings.authorize_url.clone();
        url.query_pairs_mut()
            .append_pair("client_id", &settings.client_id)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("response_type", "code")
            .append_pair("scope", settings.dialect.requested_scopes())
            .append_pair("state", state);
        if prompt == LoginPrompt::ForceReauth && settings.dialect == Dialect::InstagramLogin {
            url.query_pairs_mut().append_pair("force_reauth", "true");
        }
        url
    }

    /// Exchanges a code for a token of one hour. `redirect_uri` must be the one of the login.
    ///
    /// Never try it twice: a code is good for one exchange, and a failed one may have spent it.
    ///
    /// # Errors
    /// Chiefly [`CodeSpent`](crate::FailureKind::CodeSpent),
    /// [`RedirectMismatch`](crate::FailureKind::RedirectMismatch),
    /// [`AppMisconfigured`](crate::FailureKind::AppMisconfigured) and
    /// [`RoleMissing`](crate::FailureKind::RoleMissing).
    pub async fn exchange_code(
        &self,
        code: &AuthorizationCode,
        redirect_uri: &str,
    ) -> Result<ShortLivedGrant, Failure> {
        let settings = &self.shared.settings;
        let pairs = [
            ("client_id", settings.client_id.as_str()),
            ("client_secret", settings.client_secret.expose_secret()),
            ("grant_type", "authorization_code"),
            ("redirect_uri", redirect_uri),
            ("code", code.redeemable()),
        ];
        let request = self.request(Method::POST, settings.token_url.clone())?;
        let request = encoded(request, settings.exchange_encoding, pairs);
        let limit = settings.limits.max_body_bytes;
        let answer = transport::call(Endpoint::ExchangeCode, request, limit, ShortLivedGrant::read).await?;
        Ok(ShortLivedGrant {
            usage: answer.usage,
            ..answer.value
        })
    }

    /// Turns a token of one hour into one of about 60 days. Can be repeated while the short one lives.
    ///
    /// # Errors
    /// [`TokenDead`](crate::FailureKind::TokenDead) when the hour is over.
    pub async fn long_lived(&self, short: &AccessToken) -> Result<Answer<LongLivedToken>, Failure> {
        let url = self.graph_url(&["access_token"]);
        let secret = self.shared.settings.client_secret.expose_secret();
        let parameters = [("grant_type", "ig_exchange_token"), ("client_secret", secret)];
        self.get(Endpoint::LongLived, url, &parameters, short, LongLivedToken::read)
            .await
    }

    /// Gives a long-lived token another 60 days or so, counted from now. Store what comes back at once,
    /// and never run two refreshes of one token at a time: what becomes of the old text is not
    /// documented.
    ///
    /// # Errors
    /// [`TooYoungToRefresh`](crate::FailureKind::TooYoungToRefresh) within 24 hours of the last; Meta
    /// documents no error for it, so keep a floor of your own. After any failure the old token is as
    /// good as it was, [`TokenDead`](crate::FailureKind::TokenDead) aside.
    pub async fn refresh(&self, token: &AccessToken) -> Result<Answer<LongLivedToken>, Failure> {
        let url = self.graph_url(&["refresh_access_token"]);
        let parameters = [("grant_type", "ig_refresh_token")];
        self.get(Endpoint::Refresh, url, &parameters, token, LongLivedToken::read)
            .await
    }
}

fn encoded(
    request: RequestBuilder,
    encoding: ExchangeEncoding,
    pairs: [(&'static str, &str); 5],
) -> RequestBuilder {
    match encoding {
        ExchangeEncoding::Form => request.form(&pairs),
        ExchangeEncoding::Multipart => {
            let add = |form: multipart::Form, (name, value): (&'static str, &str)| {
                form.text(name, value.to_owned())
            };
            request.multipart(pairs.into_iter().fold(multipart::Form::new(), add))
        }
    }
}
