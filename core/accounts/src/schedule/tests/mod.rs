//! The schedule over both engines.

mod account_counts;
mod claims;
mod impossible;
mod paused;
mod plans;

use super::{Cadence, Pauses, Schedule};
use sea_orm::{ConnectionTrait, DatabaseBackend, Value};
use std::{sync::Arc, time::Duration};
use vitrine_base::database::Database;
pub(crate) use vitrine_base::testing::{Bed, on_both_engines};
use vitrine_entity::{TenantId, Time};

pub(crate) const CADENCE: Cadence = Cadence {
    sync_every: Duration::from_hours(3),
    refresh_every: Duration::from_hours(7 * 24),
    refresh_min_age: Duration::from_hours(25),
};

const POSTGRES_ACCOUNTS: &str = "
    insert into account (id, tenant_id, platform_user_id, status, sync_failures, created_at, updated_at, next_sync_at)
    select gen_random_uuid(), $1, md5(random()::text || n), 'active', 0, $2, $2, $3
    from generate_series(1, $4) as n";
const SQLITE_ACCOUNTS: &str = "
    with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < $4)
    insert into account (id, tenant_id, platform_user_id, status, sync_failures, created_at, updated_at, next_sync_at)
    select randomblob(16), $1, hex(randomblob(16)), 'active', 0, $2, $2, $3 from numbers";
/// A token for each account that has none, as due as its account.
const TOKENS: &str = "
    insert into account_token (account_id, tenant_id, ciphertext, key_id, issued_at, expires_at, expiry_assumed,
        next_refresh_at, failures)
    select id, tenant_id, $1, 'key', $2, $3, $4, next_sync_at, 0 from account
    where id not in (select account_id from account_token)";

/// The schedule of a [`Bed`], and accounts for it.
pub(crate) trait WithSchedule {
    fn schedule(&self) -> Schedule;

    /// As another process has it, with connections of its own.
    async fn another_schedule(&self) -> Schedule;

    fn pauses(&self) -> Pauses;

    /// A tenant with so many accounts that are due then.
    async fn owner_of(&self, accounts: i32, due: Time) -> TenantId;

    async fn tokens(&self);
}

impl WithSchedule for Bed {
    fn schedule(&self) -> Schedule {
        Schedule::new(self.database.clone(), Arc::new(self.clock.clone()), CADENCE)
    }

    async fn another_schedule(&self) -> Schedule {
        let database = Database::connect(&self.settings).await.unwrap();
        Schedule::new(database, Arc::new(self.clock.clone()), CADENCE)
    }

    fn pauses(&self) -> Pauses {
        Pauses::new(self.database.clone(), Arc::new(self.clock.clone()), CADENCE)
    }

    async fn owner_of(&self, accounts: i32, due: Time) -> TenantId {
        let tenant = self.tenant().await;
        let sql = match self.database.connection().get_database_backend() {
            DatabaseBackend::Postgres => POSTGRES_ACCOUNTS,
            _ => SQLITE_ACCOUNTS,
        };
        let values: [Value; 4] = [tenant.0.into(), self.now().into(), due.into(), accounts.into()];
        self.execute(sql, values).await;
        tenant
    }

    async fn tokens(&self) {
        let values: [Value; 4] = [
            vec![1_u8, 2, 3].into(),
            self.now().into(),
            self.now().into(),
            false.into(),
        ];
        self.execute(TOKENS, values).await;
    }
}
