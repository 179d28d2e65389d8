//! Accounts, for their owner's eyes and hands.

use super::{AccountError, Cadence, spread};
use crate::{
    calls::call_budget::{known_of, quiet_at},
    jobs::{JobRequests, is_paused},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DbErr, IntoActiveModel, QueryFilter, QuerySelect,
};
use std::{collections::HashMap, num::NonZeroU32, sync::Arc, time::Duration};
use vitrine_base::{
    clock::SharedClock,
    database::Database,
    paging::{Cursors, Page, PageRequest},
    security::MasterKey,
    validation::Check,
};
use vitrine_entity::{
    AccountId, TenantId, TenantOwned, Time,
    account::{self, AccountStatus},
    account_token,
    job::{self, JobKind},
    media,
};
use vitrine_limits::{
    budget::{Budget, WINDOW},
    plans::{self, Limit},
};

/// The shortest cadence that an owner may ask for, in seconds; the budget bounds it anyway.
const SHORTEST_CADENCE: i64 = 300;
/// The longest: the links of pictures live about four days.
const LONGEST_CADENCE: i64 = 2 * 86_400;

/// Everything about one account.
#[derive(Clone, Debug)]
pub struct AccountDetail {
    /// The account.
    pub account: account::Model,
    /// Its token's dates.
    pub token: Option<account_token::Model>,
    /// Time between two syncs.
    pub sync_every: Duration,
    /// Its call budget.
    pub quota: Quota,
}

/// A call budget, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Calls in a window.
    pub limit: u32,
    /// Calls used.
    pub used: u32,
    /// Calls left.
    pub remaining: u32,
    /// Length of the rolling window.
    pub window: Duration,
    /// When the oldest of the used calls stops counting.
    pub resets_at: Option<Time>,
    /// Until when no call is made.
    pub blocked_until: Option<Time>,
}

/// What shall be different about an account; `None` leaves it.
#[derive(Clone, Copy, Debug, Default)]
pub struct AccountChange {
    /// Stop or go on with the syncs.
    pub paused: Option<bool>,
    /// Seconds between two syncs; `Some(None)` for the server's cadence.
    pub sync_every_seconds: Option<Option<i64>>,
}

/// Looks after accounts.
pub struct Accounts {
    database: Database,
    clock: SharedClock,
    cursors: Cursors,
    requests: JobRequests,
    budget: Arc<dyn Budget>,
    cadence: Cadence,
    calls_per_hour: NonZeroU32,
    changes: vitrine_feeds::ChangeEvents,
}

impl Accounts {
    /// The service over its parts.
    #[must_use]
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a part of its own, named at the one place of wiring"
    )]
    pub fn new(
        database: Database,
        clock: SharedClock,
        master: &MasterKey,
        requests: JobRequests,
        budget: Arc<dyn Budget>,
        cadence: Cadence,
        calls_per_hour: NonZeroU32,
        changes: vitrine_feeds::ChangeEvents,
    ) -> Self {
        let cursors = Cursors::new(master);
        Self {
            database,
            clock,
            cursors,
            requests,
            budget,
            cadence,
            calls_per_hour,
            changes,
        }
    }

    /// A tenant's accounts, newest first.
    ///
    /// # Errors
    /// [`AccountError::BadCursor`].
    pub async fn list(
        &self,
        tenant: TenantId,
        page: PageRequest,
    ) -> Result<Page<AccountDetail>, AccountError> {
        let connection = self.database.connection();
        let (list, select) = (format!("accounts:{tenant}"), account::Entity::of(tenant));
        let page = self
            .cursors
            .page_by_id(
                connection,
                &list,
                select,
                account::Column::Id,
                &page,
                |row: &account::Model| row.id.0,
            )
            .await?;
        let ids: Vec<AccountId> = page.data.iter().map(|account| account.id).collect();
        let mut tokens = self.tokens(tenant, ids).await?;
        let mut data = Vec::with_capacity(page.data.len());
        for account in page.data {
            let token = tokens.remove(&account.id);
            data.push(self.detail(account, token).await);
        }
        Ok(Page {
            data,
            next_cursor: page.next_cursor,
            limit: page.limit,
        })
    }

    /// One account.
    ///
    /// # Errors
    /// [`AccountError::NotFound`].
    pub async fn get(&self, tenant: TenantId, id: AccountId) -> Result<AccountDetail, AccountError> {
        let account = self.find(tenant, id).await?;
        let token = self.tokens(tenant, vec![id]).await?.remove(&id);
        Ok(self.detail(account, token).await)
    }

    /// Pauses, resumes, or changes the cadence.
    ///
    /// # Errors
    /// [`AccountError::NotFound`], [`AccountError::Invalid`], [`AccountError::NeedsReconnect`] for
    /// resuming an account whose token is dead.
    pub async fn update(
        &self,
        tenant: TenantId,
        id: AccountId,
        change: AccountChange,
    ) -> Result<AccountDetail, AccountError> {
        check_cadence(change)?;
        let account = self.find(tenant, id).await?;
        if change.paused == Some(false) && account.status == AccountStatus::NeedsReconnect {
            return Err(AccountError::NeedsReconnect);
        }
        let now = self.clock.now();
        let status = account.status;
        // A run that still holds the account ends its turn by itself; two at once there must not be.
        let is_held = account.sync_lease_id.is_some();
        let changed = account::Model {
            sync_every_seconds: change.sync_every_seconds.unwrap_or(account.sync_every_seconds),
            ..account.clone()
        };
        let mut row = account.into_active_model();
        if change.sync_every_seconds.is_some() {
            row.sync_every_seconds = Set(changed.sync_every_seconds);
            row.next_sync_at = Set(changed.next_sync_at.map(|_| self.next_turn(&changed)));
        }
        match change.paused {
            Some(true) if status != AccountStatus::NeedsReconnect => {
                row.status = Set(AccountStatus::Paused);
                row.next_sync_at = Set(None);
            }
            Some(false) if status == AccountStatus::Paused => {
                row.status = Set(AccountStatus::Active);
                row.next_sync_at = Set(Some(now));
                if !is_held {
                    row.sync_lease_until = Set(None);
                }
            }
            _ => {}
        }
        row.updated_at = Set(now);
        row.update(self.database.connection()).await?;
        self.get(tenant, id).await
    }

    /// As if the cadence had been the new one since the last sync.
    fn next_turn(&self, account: &account::Model) -> Time {
        let now = self.clock.now();
        let since = account.synced_at.unwrap_or(now);
        std::cmp::max(now, spread(since, self.cadence.sync_every(account)))
    }

    /// Disconnects: the account, its token, its posts and its history are gone.
    ///
    /// # Errors
    /// [`AccountError::NotFound`].
    pub async fn disconnect(&self, tenant: TenantId, id: AccountId) -> Result<(), AccountError> {
        let transaction = self.database.begin_write().await?;
        // Held before its feeds are looked for, so that no feed gets it meanwhile.
        let held = account::Entity::of(tenant)
            .filter(account::Column::Id.eq(id))
            .lock_exclusive();
        let account = held.one(&transaction).await?.ok_or(AccountError::NotFound)?;
        let feeds = vitrine_feeds::mark_feeds_changed(&transaction, &account, self.clock.now()).await?;
        account::Entity::delete_of(tenant)
            .filter(account::Column::Id.eq(id))
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        self.changes.publish(&feeds).await;
        tracing::info!(account.id = %id, "an account was disconnected");
        Ok(())
    }

    /// Queues a sync; asked twice while one waits, the same job is answered.
    ///
    /// # Errors
    /// [`AccountError::NotFound`], [`AccountError::NeedsReconnect`], [`AccountError::Paused`],
    /// [`AccountError::SchedulePaused`], [`AccountError::PlanLimit`].
    pub async fn request_sync(&self, tenant: TenantId, id: AccountId) -> Result<job::Model, AccountError> {
        if self.find(tenant, id).await?.status == AccountStatus::Paused {
            return Err(AccountError::Paused);
        }
        self.request(tenant, id, JobKind::SyncMedia).await
    }

    /// Queues a refresh of the token; asked twice while one waits, the same job is answered.
    ///
    /// # Errors
    /// [`AccountError::NotFound`], [`AccountError::NeedsReconnect`], [`AccountError::SchedulePaused`].
    pub async fn request_refresh(&self, tenant: TenantId, id: AccountId) -> Result<job::Model, AccountError> {
        self.request(tenant, id, JobKind::RefreshToken).await
    }

    /// An account's stored posts, newest first, also those that no feed shows.
    ///
    /// # Errors
    /// [`AccountError::NotFound`], [`AccountError::BadCursor`].
    pub async fn media(
        &self,
        tenant: TenantId,
        id: AccountId,
        page: PageRequest,
    ) -> Result<Page<media::Model>, AccountError> {
        self.find(tenant, id).await?;
        let list = format!("media:{id}");
        let behind = self.cursors.start(&list, &page)?;
        let select = media::Entity::of(tenant)
            .filter(media::Column::AccountId.eq(id))
            .filter(media::Column::HiddenUpstreamAt.is_null());
        let posts = vitrine_feeds::newest(select, behind, page.limit + 1)
            .all(self.database.connection())
            .await?;
        let bookmark = vitrine_feeds::Position::of;
        Ok(self.cursors.page(&list, &page, posts, bookmark))
    }

    async fn request(
        &self,
        tenant: TenantId,
        id: AccountId,
        kind: JobKind,
    ) -> Result<job::Model, AccountError> {
        if self.find(tenant, id).await?.status == AccountStatus::NeedsReconnect {
            return Err(AccountError::NeedsReconnect);
        }
        if is_paused(self.database.connection(), tenant).await? {
            return Err(AccountError::SchedulePaused);
        }
        let connection = self.database.connection();
        let waiting = self.requests.waiting(connection, tenant, id, kind).await?;
        if kind == JobKind::SyncMedia && waiting.is_none() {
            plans::consume_daily(connection, tenant, Limit::SyncsPerDay, self.clock.now()).await??;
        }
        Ok(self.requests.request(connection, tenant, id, kind).await?)
    }

    async fn find(&self, tenant: TenantId, id: AccountId) -> Result<account::Model, AccountError> {
        let connection = self.database.connection();
        let account = account::Entity::of(tenant)
            .filter(account::Column::Id.eq(id))
            .one(connection)
            .await?;
        account.ok_or(AccountError::NotFound)
    }

    async fn tokens(
        &self,
        tenant: TenantId,
        ids: Vec<AccountId>,
    ) -> Result<HashMap<AccountId, account_token::Model>, DbErr> {
        let rows = account_token::Entity::of(tenant)
            .filter(account_token::Column::AccountId.is_in(ids))
            .all(self.database.connection())
            .await?;
        Ok(rows.into_iter().map(|row| (row.account_id, row)).collect())
    }

    /// An account whose hour is used up is blocked until the first of its calls stops counting.
    async fn detail(&self, account: account::Model, token: Option<account_token::Model>) -> AccountDetail {
        let used = self.budget.usage(account.id, known_of(&account)).await;
        let limit = self.calls_per_hour.get();
        let quiet = quiet_at(account.blocked_until, self.clock.now());
        let quota = Quota {
            limit,
            used: used.used,
            remaining: limit.saturating_sub(used.used),
            window: WINDOW,
            resets_at: used.resets_at,
            blocked_until: quiet.or(used.resets_at.filter(|_| used.used >= limit)),
        };
        AccountDetail {
            sync_every: self.cadence.sync_every(&account),
            account,
            token,
            quota,
        }
    }
}

fn check_cadence(change: AccountChange) -> Result<(), AccountError> {
    let mut check = Check::default();
    if let Some(Some(seconds)) = change.sync_every_seconds
        && !(SHORTEST_CADENCE..=LONGEST_CADENCE).contains(&seconds)
    {
        let message = format!("must be between {SHORTEST_CADENCE} and {LONGEST_CADENCE}");
        check.refuse("sync_every_seconds", "out_of_range", message);
    }
    check.finish().map_err(AccountError::Invalid)
}
