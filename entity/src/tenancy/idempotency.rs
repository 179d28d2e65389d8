//! First answers to requests that carried an `Idempotency-Key`.

use crate::{TenantId, Time};
use sea_orm::entity::prelude::*;

/// A row of `idempotency`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency")]
pub struct Model {
    /// Owner of the row.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: TenantId,
    /// The caller's key.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub key: String,
    /// Digest of the request, so that another one under the same key is noticed.
    #[sea_orm(column_type = "Text")]
    pub request_digest: String,
    /// Status of the first answer; none while it is being made.
    pub status: Option<i32>,
    /// Which key sealed the first answer.
    #[sea_orm(column_type = "Text", nullable)]
    pub key_id: Option<String>,
    /// The first answer, sealed.
    pub body: Option<Vec<u8>>,
    /// When the key was first seen.
    pub created_at: Time,
    /// When it is forgotten.
    pub expires_at: Time,
}

/// Joins are written where they are used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
