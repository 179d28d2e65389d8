//! How often a tenant did on one day what its plan limits.

use crate::TenantId;
use sea_orm::entity::prelude::*;

/// A row of `daily_use`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "daily_use")]
pub struct Model {
    /// Owner of the row.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// The day, in UTC.
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: Date,
    /// What was done: the name of the limit.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub what: String,
    /// How often.
    pub count: i32,
}

/// Joins are written where they are used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
