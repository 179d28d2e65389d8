//! A connected Instagram account.

use crate::{AccountId, LeaseId, TenantId, Time};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// What the account needs from a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum AccountStatus {
    /// Nothing.
    Active,
    /// A new consent: the token is dead. Its photos are served on.
    NeedsReconnect,
    /// A look: Instagram refuses this account although the token lives.
    NeedsAttention,
    /// Nothing: the owner stopped the syncs.
    Paused,
}

/// A row of `account`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "account")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AccountId,
    /// Owner of the row.
    pub tenant_id: TenantId,
    /// The platform's own id, by which the account is recognised for ever.
    #[sea_orm(column_type = "Text")]
    pub platform_user_id: String,
    /// The id that this app sees in `/me`.
    #[sea_orm(column_type = "Text", nullable)]
    pub app_scoped_id: Option<String>,
    /// The id that came with the code exchange.
    #[sea_orm(column_type = "Text", nullable)]
    pub exchange_user_id: Option<String>,
    /// Handle; can change.
    #[sea_orm(column_type = "Text", nullable)]
    pub username: Option<String>,
    /// Display name.
    #[sea_orm(column_type = "Text", nullable)]
    pub name: Option<String>,
    /// `BUSINESS`, `MEDIA_CREATOR` or whatever the platform says.
    #[sea_orm(column_type = "Text", nullable)]
    pub account_type: Option<String>,
    /// Signed link to the portrait; expires.
    #[sea_orm(column_type = "Text", nullable)]
    pub profile_picture_url: Option<String>,
    /// Short text of the profile.
    #[sea_orm(column_type = "Text", nullable)]
    pub biography: Option<String>,
    /// The profile's link.
    #[sea_orm(column_type = "Text", nullable)]
    pub website: Option<String>,
    /// Posts, as the platform counts them.
    pub media_count: Option<i64>,
    /// Followers.
    pub followers_count: Option<i64>,
    /// Accounts it follows.
    pub follows_count: Option<i64>,
    /// What it needs from a person.
    pub status: AccountStatus,
    /// Machine word for why.
    #[sea_orm(column_type = "Text", nullable)]
    pub status_reason: Option<String>,
    /// The owner's own cadence in seconds; none means the server's.
    pub sync_every_seconds: Option<i64>,
    /// When the next sync is due; none while no sync makes sense.
    pub next_sync_at: Option<Time>,
    /// When the last sync succeeded.
    pub synced_at: Option<Time>,
    /// When the whole library was last listed, which is what finds deletions.
    pub listed_at: Option<Time>,
    /// Machine word for why the last sync failed.
    #[sea_orm(column_type = "Text", nullable)]
    pub sync_error: Option<String>,
    /// Syncs failed in a row.
    pub sync_failures: i32,
    /// Which run holds the account.
    #[serde(skip)]
    pub sync_lease_id: Option<LeaseId>,
    /// Until when that run holds it.
    #[serde(skip)]
    pub sync_lease_until: Option<Time>,
    /// Digest over the newest page, without its links: the same means nothing to write.
    #[sea_orm(column_type = "Text", nullable)]
    #[serde(skip)]
    pub media_digest: Option<String>,
    /// When the first of the stored links dies.
    pub links_expire_at: Option<Time>,
    /// Until when the platform asked for a cooldown.
    pub blocked_until: Option<Time>,
    /// Calls that were counted within the hour before `calls_counted_at`.
    pub calls_counted: Option<i32>,
    /// When the last of them was made.
    pub calls_counted_at: Option<Time>,
    /// When it was connected.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
}

/// Joins are written where they are used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
