//! A feed: which posts of which accounts a site shows.

use crate::{FeedId, StringList, TenantId, Time};
use sea_orm::FromJsonQueryResult;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Words that let posts in or keep them out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct WordFilter {
    /// A post needs one of these, when there are any.
    pub include: Vec<String>,
    /// A post with one of these stays out.
    pub exclude: Vec<String>,
}

/// Which post comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum FeedOrder {
    /// The newest.
    #[default]
    Newest,
    /// The pinned ones, then the newest.
    Pinned,
}

/// Which reels are shown, where the media types let videos in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Reels {
    /// All.
    #[default]
    Include,
    /// Those that also stand on the profile's grid.
    OnGrid,
    /// None.
    Exclude,
}

/// How the embed shows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum FeedLayout {
    /// Equal squares.
    #[default]
    Grid,
    /// Columns of different heights.
    Masonry,
    /// One row to swipe.
    Carousel,
}

/// A row of `feed`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "feed")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: FeedId,
    /// Owner of the row.
    pub tenant_id: TenantId,
    /// What the owner calls it.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// Whether new accounts join it by themselves; one a tenant.
    pub is_default: bool,
    /// Media types that it shows.
    #[sea_orm(column_type = "JsonBinary")]
    pub media_types: StringList,
    /// Whether an album's pictures are shown too.
    pub include_children: bool,
    /// Which reels are shown.
    pub reels: Reels,
    /// Hashtags in and out.
    #[sea_orm(column_type = "JsonBinary")]
    pub hashtags: WordFilter,
    /// Caption text in and out.
    #[sea_orm(column_type = "JsonBinary")]
    pub caption: WordFilter,
    /// Most posts that it shows.
    pub item_limit: i32,
    /// Posts of a page where its visitor names no number; follows a limit that the owner names.
    pub page_size: Option<i32>,
    /// Which post comes first.
    pub item_order: FeedOrder,
    /// How the embed shows it.
    pub layout: FeedLayout,
    /// Origins it may be read from; empty means any.
    #[sea_orm(column_type = "JsonBinary")]
    pub allowed_origins: StringList,
    /// How long a browser may keep it, in seconds.
    pub cache_seconds: i32,
    /// Grows with every visible change.
    #[serde(skip)]
    pub version: i64,
    /// When its content last changed.
    pub content_changed_at: Time,
    /// When it was made.
    pub created_at: Time,
    /// When its settings last changed.
    pub updated_at: Time,
}

/// Joins are written where they are used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
