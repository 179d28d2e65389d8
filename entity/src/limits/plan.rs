//! How much a tenant may have, and how often it may do what costs others something.

use crate::Time;
use sea_orm::entity::prelude::*;

/// The plan of tenants that were given no other.
pub const DEFAULT: &str = "default";

/// A row of `plan`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "plan")]
pub struct Model {
    /// Its name.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub name: String,
    /// Most connected accounts.
    pub accounts: i32,
    /// Most feeds.
    pub feeds: i32,
    /// Most keys that open something.
    pub api_keys: i32,
    /// Most members.
    pub members: i32,
    /// Most syncs that people and programs ask for in a day.
    pub syncs_per_day: i32,
    /// Most invitations that are sent in a day.
    pub invitations_per_day: i32,
    /// Connections that are begun in a day.
    pub connections_per_day: i32,
    /// Exports that are written in a day.
    pub exports_per_day: i32,
    /// Changes that one person or key makes in a day.
    pub changes_per_day: i32,
    /// When it was made.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
}

/// Joins are written where they are used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
