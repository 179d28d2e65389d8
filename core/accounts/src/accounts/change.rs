//! What an owner does to an account: pausing, another cadence, disconnecting.

use super::{AccountDetail, AccountError, Accounts};
use crate::schedule::spread;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, IntoActiveModel, QueryFilter, QuerySelect};
use vitrine_base::validation::Check;
use vitrine_entity::{
    AccountId, TenantId, TenantOwned, Time,
    account::{self, AccountStatus},
};
use vitrine_feeds::mark_feeds_changed;

/// The shortest cadence that an owner may ask for, in seconds; the budget bounds it anyway.
const SHORTEST_CADENCE: i64 = 300;
/// The longest: the links of pictures live about four days.
const LONGEST_CADENCE: i64 = 2 * 86_400;

/// What shall be different about an account; `None` leaves it.
#[derive(Clone, Copy, Debug, Default)]
pub struct AccountChange {
    /// Stop or go on with the syncs.
    pub paused: Option<bool>,
    /// Seconds between two syncs; `Some(None)` for the server's cadence.
    pub sync_every_seconds: Option<Option<i64>>,
}

impl Accounts {
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
        let feeds = mark_feeds_changed(&transaction, &account, self.clock.now()).await?;
        account::Entity::delete_of(tenant)
            .filter(account::Column::Id.eq(id))
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        self.changes.publish(&feeds).await;
        tracing::info!(account.id = %id, "an account was disconnected");
        Ok(())
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
