//! A sign-in: the family of refresh tokens that descend from it.

use crate::{SessionId, TenantId, Time, UserId};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A row of `session`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "session")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SessionId,
    /// Owner of the row.
    pub tenant_id: TenantId,
    /// Who signed in.
    pub user_id: UserId,
    /// Which refresh token of the family is good; every older one is a replay.
    #[serde(skip)]
    pub generation: i32,
    /// The browser or program that signed in, as it calls itself.
    #[sea_orm(column_type = "Text", nullable)]
    pub user_agent: Option<String>,
    /// Keyed hash of the network that the person signed in from, by which it is known again.
    #[sea_orm(column_type = "Text", nullable)]
    pub network: Option<String>,
    /// When the person signed in.
    pub created_at: Time,
    /// When the family was last used.
    pub last_used_at: Time,
    /// When the newest refresh token dies.
    pub expires_at: Time,
    /// When the family was revoked.
    pub revoked_at: Option<Time>,
    /// When the newest refresh token was made from the one before it; none for a sign-in that was moved since.
    #[serde(skip)]
    pub refreshed_at: Option<Time>,
}

/// Joins are written where they are used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
