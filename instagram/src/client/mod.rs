//! The calls, one method each.

mod login;
mod request;

pub use login::LoginPrompt;

use std::fmt;
use std::sync::Arc;

use crate::answers::media::{MediaPage, MediaRequest};
use crate::answers::profile::{self, Profile};
use crate::endpoint::Endpoint;
use crate::failure::Failure;
use crate::fields::{FieldSet, asked_fields::FieldList};
use crate::outgoing::{BuildError, Outgoing};
use crate::secret::AccessToken;
use crate::settings::{ClientSettings, Dialect, address};
use crate::transport;
use crate::usage::Answer;

/// More media than this are not given on one page.
const LARGEST_PAGE: u32 = 100;

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
    /// [`Gone`](crate::FailureKind::Gone) when Instagram does not find it. That has been answered for media that
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
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Client")
            .field("settings", &self.shared.settings)
            .finish_non_exhaustive()
    }
}
