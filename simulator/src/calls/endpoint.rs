//! Names for what can be called, as faults and the call log use them.

use serde::{Deserialize, Serialize};

/// What was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpoint {
    /// `GET /oauth/authorize`.
    Authorize,
    /// The answer of the person on the consent page.
    Decision,
    /// `POST /oauth/access_token`: a code for a short token.
    Exchange,
    /// `GET /access_token`: a short token for a long one.
    LongLived,
    /// `GET /refresh_access_token`.
    Refresh,
    /// `GET /me` or `GET /{account id}`.
    User,
    /// `GET /me/media` or `GET /{account id}/media`.
    MediaList,
    /// `GET /{media id}`.
    Media,
    /// `GET /{media id}/children`.
    Children,
    /// `GET /{account id}/stories`.
    Stories,
    /// `DELETE /me/permissions`.
    Permissions,
    /// `POST /{account id}/subscribed_apps`.
    SubscribedApps,
    /// A Graph path that is none of these.
    Unknown,
    /// A picture or thumbnail from the CDN.
    CdnImage,
    /// A video from the CDN.
    CdnVideo,
}

impl Endpoint {
    /// Whether calls count against the budget of the token.
    #[must_use]
    pub fn is_graph(self) -> bool {
        !matches!(
            self,
            Self::Authorize | Self::Decision | Self::Exchange | Self::CdnImage | Self::CdnVideo
        )
    }
}
