//! What holds for the whole database, whoever owns the rows.

use sea_orm::entity::prelude::*;

/// Name of the row that holds the public id of the master key.
pub const MASTER_KEY_ID: &str = "master_key_id";
/// Name of the row that holds the id of the master key from which a database took its keys before it had its own;
/// there only in databases that are so old.
pub const KEYS_FOUNDED_ON: &str = "keys_founded_on";
/// Name of the row that says since when the whole schedule is paused; there only while it is.
pub const SCHEDULE_PAUSED_AT: &str = "schedule_paused_at";

/// Name of the row that holds the latest moment that was believed, see `core/src/safe_time.rs`.
pub const SAFE_TIME: &str = "safe_time";
/// Name of the row that processes write to see whether the database takes writes.
pub const WRITTEN_AT: &str = "written_at";

/// A row of `installation`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "installation")]
pub struct Model {
    /// What is known.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub name: String,
    /// What is known about it; never a secret.
    #[sea_orm(column_type = "Text")]
    pub value: String,
}

/// Joins are written where they are used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
