//! Who did what.

use crate::{AuditEventId, TenantId, Time};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Who acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// A person.
    User,
    /// An API key.
    ApiKey,
    /// Vitrine itself.
    System,
}

/// A row of `audit_event`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "audit_event")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AuditEventId,
    /// Owner of the row.
    pub tenant_id: TenantId,
    /// Who acted.
    pub actor_kind: ActorKind,
    /// The person or key.
    pub actor_id: Option<Uuid>,
    /// What was done, such as `account.connected`.
    #[sea_orm(column_type = "Text")]
    pub action: String,
    /// What it was done to.
    pub target_id: Option<Uuid>,
    /// More about it; no secrets.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub detail: Option<Json>,
    /// When.
    pub created_at: Time,
}

/// Joins are written where they are used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
