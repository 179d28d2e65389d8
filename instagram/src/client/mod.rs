//! The calls.

use std::fmt;
use std::sync::Arc;

use reqwest::{Method, RequestBuilder, multipart};
use secrecy::ExposeSecret;
use url::Url;

use crate::answers::grant::{LongLivedToken, ShortLivedGrant};
use crate::answers::media::{MediaPage, MediaRequest};
use crate::answers::profile::{self, Profile};
use crate::endpoint::Endpoint;
use crate::failure::{Cause, Failure, FailureKind};
use crate::fields::{FieldList, FieldSet};
use crate::outgoing::{BuildError, Outgoing};
use crate::secret::{AccessToken, AuthorizationCode};
use crate::settings::address;
use crate::settings::{ClientSettings, Dialect, ExchangeEncoding};
use crate::transport;
use crate::transport::reply::Reader;
use crate::usage::Answer;

/// More media than this are not given on one page.
const LARGEST_PAGE: u32 = 100;

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

/// Talks to Instagram on behalf of one app. Clones share connections and nothing else: a field that one account's
/// call is refused is none of the others' business.
/// Each method makes one HTTP request and no more, so that each can be paid for.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
    left_out: FieldSet,
}

struct Shared {
    outgoing: Outgoing,
    settings: ClientSettings,
}

impl Client {
    /// Makes a client; opens no connection.
    ///
    /// # Errors
    /// When an address is neither https nor loopback or is not plain, and when no rustls crypto provider is
    /// installed.
    pub fn new(settings: ClientSettings) -> Result<Self, BuildError> {
        address::check(&settings)?;
        let shared = Shared {
            outgoing: transport::outgoing(&settings)?,
            settings,
        };
        Ok(Self {
            shared: Arc::new(shared),
            left_out: FieldSet::default(),
        })
    }

    /// The same client, asking without the fields that a [`FieldRefused`](crate::FailureKind::FieldRefused) named.
    #[must_use]
    pub fn without(self, left_out: FieldSet) -> Self {
        Self { left_out, ..self }
    }

    /// What this client does not ask for.
    pub fn left_out(&self) -> FieldSet {
        self.left_out
    }

    /// The dialect spoken.
    pub fn dialect(&self) -> Dialect {
        self.shared.settings.dialect
    }

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
        let request = match settings.exchange_encoding {
            ExchangeEncoding::Form => request.form(&pairs),
            ExchangeEncoding::Multipart => {
                let form = multipart::Form::new();
                request.multipart(
                    pairs
                        .into_iter()
                        .fold(form, |form, (name, value)| form.text(name, value.to_owned())),
                )
            }
        };
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

    /// Reads the account behind the token.
    ///
    /// # Errors
    /// [`FieldRefused`](crate::FailureKind::FieldRefused) when the server refuses a field: ask again with
    /// fewer, down to `id,username`. Else any kind of the reading calls.
    pub async fn me(&self, token: &AccessToken) -> Result<Answer<Profile>, Failure> {
        let (list, url) = (FieldList::of_profile(self.dialect()), self.versioned_url(&["me"]));
        let asked = self.get_fields(Endpoint::Me, list, url, &[], token, Profile::read);
        let mut answer = asked.await?;
        answer.value.unasked = list.unasked(self.left_out);
        Ok(answer)
    }

    /// Makes the smallest call there is, to confirm or refute that a token is dead.
    ///
    /// # Errors
    /// [`TokenDead`](crate::FailureKind::TokenDead) when it is. Other failures prove nothing.
    pub async fn confirm_alive(&self, token: &AccessToken) -> Result<Answer<()>, Failure> {
        let url = self.versioned_url(&["me"]);
        self.get(
            Endpoint::ConfirmAlive,
            url,
            &[("fields", "id")],
            token,
            profile::read_alive,
        )
        .await
    }

    /// Reads one page of the account's media, parts of albums included.
    ///
    /// # Errors
    /// [`FieldRefused`](crate::FailureKind::FieldRefused) when the server refuses an optional field;
    /// [`RetrySmaller`](crate::FailureKind::RetrySmaller) when the page is too
    /// large; else any kind of the reading calls.
    pub async fn media_page(
        &self,
        token: &AccessToken,
        page: &MediaRequest,
    ) -> Result<Answer<MediaPage>, Failure> {
        let list = FieldList::of_media(self.dialect());
        let url = self.versioned_url(&["me", "media"]);
        let limit = page.limit.clamp(1, LARGEST_PAGE).to_string();
        let mut parameters = vec![("limit", limit.as_str())];
        parameters.extend(page.after.as_deref().map(|cursor| ("after", cursor)));
        let asked = self.get_fields(Endpoint::Media, list, url, &parameters, token, MediaPage::read);
        let mut answer = asked.await?;
        answer.value.unasked = list.unasked(self.left_out);
        Ok(answer)
    }

    /// Asks whether a medium is there, with the smallest call there is.
    ///
    /// # Errors
    /// [`Gone`](crate::FailureKind::Gone) when Instagram does not find it. That has been told of media that
    /// are there, so ask again some time later before acting on it.
    pub async fn find_media(&self, token: &AccessToken, media: &str) -> Result<Answer<()>, Failure> {
        let url = self.versioned_url(&[media]);
        self.get(
            Endpoint::OneMedia,
            url,
            &[("fields", "id")],
            token,
            profile::read_alive,
        )
        .await
    }

    async fn get_fields<T>(
        &self,
        endpoint: Endpoint,
        list: &FieldList,
        url: Url,
        parameters: &[(&str, &str)],
        token: &AccessToken,
        read: Reader<T>,
    ) -> Result<Answer<T>, Failure> {
        let fields = list.without(self.left_out);
        let mut all = vec![("fields", fields.as_str())];
        all.extend_from_slice(parameters);
        let asked = self.get(endpoint, url, &all, token, read).await;
        asked.map_err(|failure| match failure.source.as_deref() {
            Some(Cause::FieldRefused(field)) => match list.left_out_after(self.left_out, *field) {
                Some(next) => Failure {
                    kind: FailureKind::FieldRefused(next),
                    ..failure
                },
                None => failure,
            },
            _ => failure,
        })
    }

    async fn get<T>(
        &self,
        endpoint: Endpoint,
        mut url: Url,
        parameters: &[(&str, &str)],
        token: &AccessToken,
        read: Reader<T>,
    ) -> Result<Answer<T>, Failure> {
        url.query_pairs_mut()
            .extend_pairs(parameters)
            .append_pair("access_token", token.expose());
        let request = self.request(Method::GET, url)?;
        transport::call(
            endpoint,
            request,
            self.shared.settings.limits.max_body_bytes,
            read,
        )
        .await
    }

    fn request(&self, method: Method, url: Url) -> Result<RequestBuilder, Failure> {
        let request = self.shared.outgoing.request(method, url);
        request.map_err(|refused| Failure::because(FailureKind::OurBug, Cause::Refused(refused)))
    }

    fn versioned_url(&self, path: &[&str]) -> Url {
        let version = [self.shared.settings.api_version.as_str()];
        self.graph_url(&[&version, path].concat())
    }

    fn graph_url(&self, path: &[&str]) -> Url {
        let mut url = self.shared.settings.graph_url.clone();
        // Only a URL that cannot be a base has no path, and none such is https or http.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Client")
            .field("settings", &self.shared.settings)
            .finish_non_exhaustive()
    }
}
