//! What a tenant used on one day.

use crate::TenantId;
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A row of `usage_day`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "usage_day")]
pub struct Model {
    /// Owner of the row.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// The day, in UTC.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: Date,
    /// Feeds read by visitors.
    pub feed_requests: i64,
    /// Syncs done.
    pub syncs: i64,
    /// Calls made to the platform.
    pub graph_calls: i64,
    /// Bytes kept for the tenant at the end of the day.
    pub stored_bytes: i64,
}

/// Joins are written where they are used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
