//! An account as clients see it.

use crate::openapi::schemas;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use vitrine_accounts::{AccountDetail, Quota};
use vitrine_entity::{
    AccountId,
    account::{self, AccountStatus},
    account_token,
};

/// A connected account. Its token never leaves the server.
#[derive(Serialize, ToSchema)]
pub(crate) struct AccountView {
    /// Its id.
    #[schema(value_type = Uuid)]
    id: AccountId,
    /// Always `instagram`.
    platform: &'static str,
    /// Instagram's own id.
    platform_user_id: String,
    /// Handle; can change.
    username: Option<String>,
    /// Display name.
    name: Option<String>,
    /// `BUSINESS`, `MEDIA_CREATOR` or whatever Instagram says.
    account_type: Option<String>,
    /// Signed link to the portrait; expires.
    profile_picture_url: Option<String>,
    /// Posts, as Instagram counts them.
    media_count: Option<i64>,
    /// Followers.
    followers_count: Option<i64>,
    /// What it needs from a person.
    #[schema(schema_with = schemas::account_status)]
    status: AccountStatus,
    /// Machine word for why.
    status_reason: Option<String>,
    /// Its token's dates; null when it has none.
    token: Option<TokenView>,
    /// When its posts are copied.
    sync: SyncView,
    /// Its call budget.
    quota: QuotaView,
    /// When it was connected.
    created_at: DateTime<Utc>,
}

/// A token's dates.
#[derive(Serialize, ToSchema)]
#[schema(as = AccountToken)]
pub(crate) struct TokenView {
    /// When this consent was given.
    issued_at: DateTime<Utc>,
    /// When the token expires unless it is refreshed.
    expires_at: DateTime<Utc>,
    /// Whether `expires_at` was assumed because Instagram did not say.
    expiry_assumed: bool,
    /// When it was last refreshed.
    refreshed_at: Option<DateTime<Utc>>,
    /// When it is refreshed next; null once it has expired.
    next_refresh_at: Option<DateTime<Utc>>,
}

/// When an account's posts are copied.
#[derive(Serialize, ToSchema)]
pub(crate) struct SyncView {
    /// Seconds between two syncs.
    every_seconds: u64,
    /// When the last one succeeded.
    last_at: Option<DateTime<Utc>>,
    /// When the next one is due; null if none is planned.
    next_at: Option<DateTime<Utc>>,
    /// Machine word for why the last one failed.
    last_error: Option<String>,
}

/// A call budget over a rolling window.
#[derive(Serialize, ToSchema)]
pub(crate) struct QuotaView {
    /// Calls in a window.
    limit: u32,
    /// Calls used.
    used: u32,
    /// Calls left.
    remaining: u32,
    /// Length of the window.
    window_seconds: u64,
    /// When the oldest of the used calls stops counting.
    resets_at: Option<DateTime<Utc>>,
    /// No call is made until then.
    blocked_until: Option<DateTime<Utc>>,
}

impl From<AccountDetail> for AccountView {
    fn from(detail: AccountDetail) -> Self {
        let every_seconds = detail.sync_every.as_secs();
        let quota = QuotaView::new(detail.quota);
        Self::new(detail.account, detail.token.map(Into::into), every_seconds, quota)
    }
}

impl AccountView {
    fn new(account: account::Model, token: Option<TokenView>, every_seconds: u64, quota: QuotaView) -> Self {
        Self {
            id: account.id,
            platform: "instagram",
            platform_user_id: account.platform_user_id,
            username: account.username,
            name: account.name,
            account_type: account.account_type,
            profile_picture_url: account.profile_picture_url,
            media_count: account.media_count,
            followers_count: account.followers_count,
            status: account.status,
            status_reason: account.status_reason,
            token,
            sync: SyncView {
                every_seconds,
                last_at: account.synced_at,
                next_at: account.next_sync_at,
                last_error: account.sync_error,
            },
            quota,
            created_at: account.created_at,
        }
    }
}

impl From<account_token::Model> for TokenView {
    fn from(token: account_token::Model) -> Self {
        Self {
            issued_at: token.issued_at,
            expires_at: token.expires_at,
            expiry_assumed: token.expiry_assumed,
            refreshed_at: token.refreshed_at,
            next_refresh_at: token.next_refresh_at,
        }
    }
}

impl QuotaView {
    fn new(quota: Quota) -> Self {
        Self {
            limit: quota.limit,
            used: quota.used,
            remaining: quota.remaining,
            window_seconds: quota.window.as_secs(),
            resets_at: quota.resets_at,
            blocked_until: quota.blocked_until,
        }
    }
}
