//! A stored post.

use crate::{AccountId, MediaId, TenantId, Time};
use sea_orm::FromJsonQueryResult;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// One picture or video of an album.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Child {
    /// The platform's id.
    pub platform_media_id: String,
    /// `IMAGE`, `VIDEO` or whatever the platform says.
    pub media_type: String,
    /// Signed link to the file; absent for flagged material.
    pub media_url: Option<String>,
    /// Signed link to a video's still.
    pub thumbnail_url: Option<String>,
    /// The post's page.
    pub permalink: Option<String>,
    /// Description for those who cannot see it.
    pub alt_text: Option<String>,
}

/// The children of an album, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(transparent)]
pub struct Children(pub Vec<Child>);

/// A row of `media`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "media")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MediaId,
    /// Owner of the row.
    pub tenant_id: TenantId,
    /// Whose post it is.
    pub account_id: AccountId,
    /// The platform's id.
    #[sea_orm(column_type = "Text")]
    pub platform_media_id: String,
    /// `IMAGE`, `VIDEO`, `CAROUSEL_ALBUM` or whatever the platform says.
    #[sea_orm(column_type = "Text")]
    pub media_type: String,
    /// `FEED`, `REELS` or whatever the platform says.
    #[sea_orm(column_type = "Text", nullable)]
    pub product_type: Option<String>,
    /// Text of the post.
    #[sea_orm(column_type = "Text", nullable)]
    pub caption: Option<String>,
    /// Signed link to the file; absent for flagged material.
    #[sea_orm(column_type = "Text", nullable)]
    pub media_url: Option<String>,
    /// Signed link to a video's still.
    #[sea_orm(column_type = "Text", nullable)]
    pub thumbnail_url: Option<String>,
    /// The post's page.
    #[sea_orm(column_type = "Text", nullable)]
    pub permalink: Option<String>,
    /// When it was posted; the time of its discovery where the platform does not say.
    pub posted_at: Time,
    /// Handle at the time of the sync.
    #[sea_orm(column_type = "Text", nullable)]
    pub username: Option<String>,
    /// Likes; absent when the owner hides them.
    pub like_count: Option<i64>,
    /// Comments.
    pub comments_count: Option<i64>,
    /// Whether a reel shows on the grid.
    pub is_shared_to_feed: Option<bool>,
    /// Description for those who cannot see it.
    #[sea_orm(column_type = "Text", nullable)]
    pub alt_text: Option<String>,
    /// An album's pictures.
    #[sea_orm(column_type = "JsonBinary")]
    pub children: Children,
    /// Digest of everything but the links.
    #[sea_orm(column_type = "Text")]
    #[serde(skip)]
    pub digest: String,
    /// When the platform first said that it is gone, which is believed the second time.
    pub missed_at: Option<Time>,
    /// Since when the platform does not show it any more.
    pub hidden_upstream_at: Option<Time>,
    /// When it was first seen.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
}

/// Joins are written where they are used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
