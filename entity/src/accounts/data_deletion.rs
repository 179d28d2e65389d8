//! Deletions that the platform asked for, for a person who may be connected by several tenants or by none.

use crate::{DataDeletionId, Time};
use sea_orm::entity::prelude::*;

/// Why something is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum DeletionReason {
    /// The person asked for it.
    Requested,
    /// The person removed the app, and nobody connected the account again.
    Deauthorized,
}

/// A row of `data_deletion`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "data_deletion")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DataDeletionId,
    /// Why.
    pub reason: DeletionReason,
    /// By which the person finds the status page.
    #[sea_orm(column_type = "Text")]
    pub confirmation_code: String,
    /// Digest of what was signed, so that the same request twice is one.
    #[sea_orm(column_type = "Text")]
    pub request_digest: String,
    /// Whose accounts; forgotten with the rest.
    #[sea_orm(column_type = "Text", nullable)]
    pub platform_user_id: Option<String>,
    /// When it was asked for.
    pub received_at: Time,
    /// Consents that were given later than this are not meant.
    pub meant_until: Time,
    /// When it may begin.
    pub not_before: Time,
    /// When it began.
    pub started_at: Option<Time>,
    /// When nothing was left.
    pub finished_at: Option<Time>,
    /// Until when a worker has it to itself.
    pub lease_until: Option<Time>,
    /// Accounts that are gone.
    pub accounts_deleted: i32,
    /// Accounts that stayed, because a consent was given later.
    pub accounts_kept: i32,
    /// Posts that are gone.
    pub media_deleted: i64,
}

/// Joins are written where they are used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
