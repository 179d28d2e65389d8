//! Invitations into a tenant.

use crate::{InvitationId, TenantId, Time, UserId, membership::Role};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A row of `invitation`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "invitation")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: InvitationId,
    /// Owner of the row.
    pub tenant_id: TenantId,
    /// Whom it is for, in lower case; one open invitation an address.
    #[sea_orm(column_type = "Text")]
    pub email: String,
    /// What the person will be allowed to do.
    pub role: Role,
    /// Keyed hash of the token, in hex; unique.
    #[sea_orm(column_type = "Text", unique)]
    #[serde(skip)]
    pub token_hash: String,
    /// Who invited.
    pub invited_by: UserId,
    /// When it was sent.
    pub created_at: Time,
    /// When it ends by itself.
    pub expires_at: Time,
    /// When it was accepted or withdrawn.
    pub ended_at: Option<Time>,
    /// Who accepted it; none when it was withdrawn.
    pub accepted_by: Option<UserId>,
}

/// Joins are written where they are used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
