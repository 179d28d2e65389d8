//! The long-lived token of an account, sealed.

use crate::{AccountId, LeaseId, TenantId, Time};
use sea_orm::entity::prelude::*;

/// A row of `account_token`.
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account_token")]
pub struct Model {
    /// The account that it opens.
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: AccountId,
    /// Owner of the row.
    pub tenant_id: TenantId,
    /// Nonce and sealed token, bound to the account.
    pub ciphertext: Vec<u8>,
    /// Which key sealed it.
    #[sea_orm(column_type = "Text")]
    pub key_id: String,
    /// When the platform issued the first token of this consent.
    pub issued_at: Time,
    /// When it dies.
    pub expires_at: Time,
    /// Whether `expires_at` was assumed because the platform did not say.
    pub expiry_assumed: bool,
    /// Whether the app's own secret made the token, so that it is surely this app's; none when nobody knows.
    pub app_proved: Option<bool>,
    /// When it was last refreshed.
    pub refreshed_at: Option<Time>,
    /// When the next refresh is due; none once the token is dead.
    pub next_refresh_at: Option<Time>,
    /// Which run holds the token.
    pub refresh_lease_id: Option<LeaseId>,
    /// Until when that run holds it.
    pub refresh_lease_until: Option<Time>,
    /// Refreshes failed in a row.
    pub failures: i32,
    /// Machine word for why the last refresh failed.
    #[sea_orm(column_type = "Text", nullable)]
    pub last_error: Option<String>,
}

impl std::fmt::Debug for Model {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("account_token::Model")
            .field("account_id", &self.account_id)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// Joins are written where they are used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
