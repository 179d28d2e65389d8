//! One attempt to connect an account: the server's side of OAuth's `state`.

use crate::{AccountId, ConnectAttemptId, TenantId, Time, UserId};
use sea_orm::entity::prelude::*;

/// A row of `connect_attempt`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "connect_attempt")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ConnectAttemptId,
    /// Owner of the row.
    pub tenant_id: TenantId,
    /// Who began it; none when a key did.
    pub user_id: Option<UserId>,
    /// Keyed hash of the state, in hex; unique.
    #[sea_orm(column_type = "Text", unique)]
    pub state_hash: String,
    /// Where the platform sends the browser, to the byte.
    #[sea_orm(column_type = "Text")]
    pub redirect_uri: String,
    /// Where the callback sends the browser on.
    #[sea_orm(column_type = "Text", nullable)]
    pub return_to: Option<String>,
    /// The account that is to be reconnected, when there is one.
    pub account_id: Option<AccountId>,
    /// When it began.
    pub created_at: Time,
    /// When the state dies.
    pub expires_at: Time,
    /// When the state was redeemed.
    pub used_at: Option<Time>,
    /// The account that came of it.
    pub connected_account_id: Option<AccountId>,
    /// Machine word for what went wrong.
    #[sea_orm(column_type = "Text", nullable)]
    pub error: Option<String>,
}

/// Joins are written where they are used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
