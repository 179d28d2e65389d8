//! What the owner decided about one post in one feed.

use crate::{FeedId, MediaId, TenantId, Time};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A row of `feed_item`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "feed_item")]
pub struct Model {
    /// The feed.
    #[sea_orm(primary_key, auto_increment = false)]
    pub feed_id: FeedId,
    /// The post.
    #[sea_orm(primary_key, auto_increment = false)]
    pub media_id: MediaId,
    /// Owner of the row.
    pub tenant_id: TenantId,
    /// Whether it is left out.
    pub hidden: bool,
    /// Its fixed place, from 1.
    pub pinned_position: Option<i32>,
    /// The owner's own description of the picture.
    #[sea_orm(column_type = "Text", nullable)]
    pub alt_text: Option<String>,
    /// When it was decided.
    pub updated_at: Time,
}

/// Joins are written where they are used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
