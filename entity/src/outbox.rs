//! Messages waiting to be sent, written with the change that caused them.

use crate::{OutboxId, TenantId, Time};
use sea_orm::entity::prelude::*;

/// A row of `outbox`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OutboxId,
    /// Whom it concerns; none before there is a tenant.
    pub tenant_id: Option<TenantId>,
    /// `mail` or `webhook`.
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    /// What to send; no secrets in clear.
    #[sea_orm(column_type = "JsonBinary")]
    pub payload: Json,
    /// When it was written.
    pub created_at: Time,
    /// When it is tried next; none once sent.
    pub next_attempt_at: Option<Time>,
    /// Tries so far.
    pub attempts: i32,
    /// When it was sent.
    pub sent_at: Option<Time>,
}

/// Joins are written where they are used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
