//! A feed's settings, as they are asked for and seen.

use crate::openapi::schemas;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vitrine_entity::{
    AccountId, FeedId,
    feed::{self, FeedLayout, FeedOrder, Reels, WordFilter},
};
use vitrine_feeds::{FeedDetail, FeedSettings, WordChange, page_size};

/// Both requests have the same fields; only a new feed needs a name.
macro_rules! feed_request {
    ($(#[$doc:meta])* $request:ident, name: $name:ty) => {
        #[derive(Deserialize, ToSchema)]
        $(#[$doc])*
        #[serde(deny_unknown_fields)]
        pub(crate) struct $request {
            /// What the owner calls it.
            #[schema(min_length = 1, max_length = 100)]
            name: $name,
            /// Accounts that it shows. Default for a new feed: all of the tenant's.
            #[schema(
                value_type = Option<Vec<Uuid>>,
                max_items = 100,
                extensions(("x-id-of" = json!({"thing": "account", "if_anothers": {"status": 422, "code": "validation_failed"}})))
            )]
            account_ids: Option<Vec<AccountId>>,
            /// Media types that it shows: `IMAGE`, `VIDEO`, `CAROUSEL_ALBUM`.
            #[schema(min_items = 1)]
            media_types: Option<Vec<String>>,
            /// Whether the pictures of albums are shown one by one, if albums are not shown as a whole.
            include_children: Option<bool>,
            /// Which reels are shown, if the media types include videos.
            #[schema(schema_with = schemas::reels)]
            reels: Option<Reels>,
            /// Included and excluded hashtags.
            #[serde(default, deserialize_with = "crate::http::extract::object")]
            hashtags: Option<WordFilterRequest>,
            /// Included and excluded caption text.
            #[serde(default, deserialize_with = "crate::http::extract::object")]
            caption: Option<WordFilterRequest>,
            /// Most posts that it shows. Pages have as many, up to 100, if a visitor names no number (`page_size`
            /// of a feed). Null removes the limit: the feed then shows 100 posts in pages of 25, as if no limit had
            /// ever been set.
            #[serde(default, deserialize_with = "crate::http::extract::nullable_whole")]
            #[schema(value_type = Option<u32>, minimum = 1, maximum = 1_000)]
            limit: Option<Option<u32>>,
            /// Which post comes first.
            #[schema(schema_with = schemas::feed_order)]
            order: Option<FeedOrder>,
            /// How the embed shows it.
            #[schema(schema_with = schemas::feed_layout)]
            layout: Option<FeedLayout>,
            /// Origins it may be read from; empty means any.
            #[schema(max_items = 50)]
            allowed_origins: Option<Vec<String>>,
            /// How long a browser may keep it.
            #[serde(default, deserialize_with = "crate::http::extract::whole")]
            #[schema(minimum = 0, maximum = 604_800)]
            cache_seconds: Option<u32>,
        }

        impl From<$request> for FeedSettings {
            fn from(request: $request) -> Self {
                Self {
                    name: request.name.into(),
                    account_ids: request.account_ids,
                    media_types: request.media_types,
                    include_children: request.include_children,
                    reels: request.reels,
                    hashtags: request.hashtags.map(Into::into).unwrap_or_default(),
                    caption: request.caption.map(Into::into).unwrap_or_default(),
                    limit: request.limit,
                    order: request.order,
                    layout: request.layout,
                    allowed_origins: request.allowed_origins,
                    cache_seconds: request.cache_seconds,
                }
            }
        }
    };
}

feed_request! {
    /// Settings of a new feed; what is absent has its default.
    #[schema(example = json!({
        "name": "Front page", "media_types": ["IMAGE", "CAROUSEL_ALBUM"], "hashtags": {"exclude": ["private"]},
        "limit": 12, "allowed_origins": ["https://www.example.com"]
    }))]
    NewFeedRequest, name: String
}

feed_request! {
    /// Settings to change; what is absent stays.
    #[schema(example = json!({"order": "pinned", "limit": 24}))]
    UpdateFeedRequest, name: Option<String>
}

/// Words that include or exclude posts; an absent list stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WordFilterRequest {
    /// A post needs one of these, if there are any.
    #[schema(max_items = 50)]
    include: Option<Vec<String>>,
    /// A post with one of these is excluded.
    #[schema(max_items = 50)]
    exclude: Option<Vec<String>>,
}

impl From<WordFilterRequest> for WordChange {
    fn from(request: WordFilterRequest) -> Self {
        Self {
            include: request.include,
            exclude: request.exclude,
        }
    }
}

/// A feed's settings.
#[derive(Serialize, ToSchema)]
pub(crate) struct FeedView {
    /// Its id.
    #[schema(value_type = Uuid)]
    id: FeedId,
    /// What the owner calls it.
    name: String,
    /// Whether new accounts are added to it automatically.
    is_default: bool,
    /// Accounts that it shows.
    #[schema(value_type = Vec<Uuid>)]
    account_ids: Vec<AccountId>,
    /// Media types that it shows.
    media_types: Vec<String>,
    /// Whether the pictures of albums are shown one by one, if albums are not shown as a whole.
    include_children: bool,
    /// Which reels are shown, if the media types include videos.
    #[schema(schema_with = schemas::reels)]
    reels: Reels,
    /// Included and excluded hashtags.
    hashtags: WordFilterView,
    /// Included and excluded caption text.
    caption: WordFilterView,
    /// Most posts that it shows; 100 if no limit was set.
    limit: i32,
    /// Posts of a page if a visitor names no number: `limit`, up to 100, or 25 if no limit was set.
    page_size: u32,
    /// Which post comes first.
    #[schema(schema_with = schemas::feed_order)]
    order: FeedOrder,
    /// How the embed shows it.
    #[schema(schema_with = schemas::feed_layout)]
    layout: FeedLayout,
    /// Origins it may be read from; empty means any.
    allowed_origins: Vec<String>,
    /// How long a browser may keep it.
    cache_seconds: i32,
    /// When it was created.
    created_at: DateTime<Utc>,
    /// When its settings last changed.
    updated_at: DateTime<Utc>,
}

/// Words that include or exclude posts.
#[derive(Serialize, ToSchema)]
pub(crate) struct WordFilterView {
    /// A post needs one of these, if there are any.
    include: Vec<String>,
    /// A post with one of these is excluded.
    exclude: Vec<String>,
}

impl From<WordFilter> for WordFilterView {
    fn from(filter: WordFilter) -> Self {
        Self {
            include: filter.include,
            exclude: filter.exclude,
        }
    }
}

impl From<FeedDetail> for FeedView {
    fn from(detail: FeedDetail) -> Self {
        Self::new(detail.feed, detail.account_ids)
    }
}

impl FeedView {
    fn new(feed: feed::Model, account_ids: Vec<AccountId>) -> Self {
        Self {
            page_size: page_size(&feed),
            id: feed.id,
            name: feed.name,
            is_default: feed.is_default,
            account_ids,
            media_types: feed.media_types.0,
            include_children: feed.include_children,
            reels: feed.reels,
            hashtags: feed.hashtags.into(),
            caption: feed.caption.into(),
            limit: feed.item_limit,
            order: feed.item_order,
            layout: feed.layout,
            allowed_origins: feed.allowed_origins.0,
            cache_seconds: feed.cache_seconds,
            created_at: feed.created_at,
            updated_at: feed.updated_at,
        }
    }
}
