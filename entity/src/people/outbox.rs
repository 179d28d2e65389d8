//! Messages waiting to be sent, written with the change that caused them.

use crate::{LeaseId, OutboxId, TenantId, Time, UserId};
use sea_orm::entity::prelude::*;

/// A row of `outbox`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OutboxId,
    /// The tenant that it is about, with which it goes.
    pub tenant_id: Option<TenantId>,
    /// The person that it is about, with whom it goes.
    pub user_id: Option<UserId>,
    /// `mail` or `webhook`.
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    /// What to send, sealed; empty once it has ended.
    #[sea_orm(column_type = "JsonBinary")]
    pub payload: Json,
    /// When it was written.
    pub created_at: Time,
    /// When it is tried next, or when a try under way is taken for lost; none once it has ended.
    pub next_attempt_at: Option<Time>,
    /// Tries so far.
    pub attempts: i32,
    /// When it was sent.
    pub sent_at: Option<Time>,
    /// The try under way, or the last one.
    pub lease_id: Option<LeaseId>,
    /// When the last step of a try was begun, after which nobody may try again before it is known how it ended.
    pub handed_over_at: Option<Time>,
    /// When it was given up.
    pub gave_up_at: Option<Time>,
    /// Why the last try failed.
    #[sea_orm(column_type = "Text", nullable)]
    pub trouble: Option<String>,
}

/// Joins are written where they are used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
