//! Syncs and calls to Instagram, counted in memory and written down in batches.

use super::day_rows::{adding, empty_row, write_in_batches};
use chrono::NaiveDate;
use sea_orm::{ActiveValue::Set, DbErr, EntityTrait};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use vitrine_base::{background::flush_until, clock::SharedClock, database::Database};
use vitrine_entity::{
    TenantId,
    usage_day::{ActiveModel, Column, Entity},
};

/// How often it is written down: a process that is killed loses as much.
const FLUSH_INTERVAL: Duration = Duration::from_secs(10);

/// What was done for a tenant in a day.
#[derive(Clone, Copy, Debug, Default)]
struct Done {
    syncs: i64,
    graph_calls: i64,
}

/// In the order of ids, so that statements at once wait for each other in one order only.
type Counts = BTreeMap<(TenantId, NaiveDate), Done>;

/// Counts what workers do for tenants. Clones share the counts.
#[derive(Clone)]
pub struct UsageCounter {
    counts: Arc<Mutex<Counts>>,
    database: Database,
    clock: SharedClock,
}

impl UsageCounter {
    /// Counts that begin at zero.
    #[must_use]
    pub fn new(database: Database, clock: SharedClock) -> Self {
        Self {
            counts: Arc::default(),
            database,
            clock,
        }
    }

    /// A sync was done.
    pub fn sync(&self, tenant: TenantId) {
        self.today(tenant, |done| done.syncs += 1);
    }

    /// A call was made to Instagram.
    pub fn call(&self, tenant: TenantId) {
        self.today(tenant, |done| done.graph_calls += 1);
    }

    fn today(&self, tenant: TenantId, count: impl FnOnce(&mut Done)) {
        let day = self.clock.now().date_naive();
        count(self.counts().entry((tenant, day)).or_default());
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes down what is counted, every ten seconds until `stop`, and once more after `end`, when nothing
    /// is counted any more.
    pub async fn flush_periodically(mut self, stop: impl Future<Output = ()>, end: impl Future<Output = ()>) {
        flush_until(FLUSH_INTERVAL, stop, end, || self.flush()).await;
        match self.database.dedicated().await {
            Ok(apart) => self.database = apart,
            Err(error) => tracing::warn!(error = %error, "no connection to store the last usage of tenants"),
        }
        self.flush().await;
    }

    /// Writes down what is counted since the last time, in one statement for each thousand tenants. What
    /// cannot be written is counted again, so that it goes with the next.
    pub async fn flush(&self) {
        let owed: Vec<_> = std::mem::take(&mut *self.counts()).into_iter().collect();
        let put_back = |some: &[_], error: &_| self.put_back(some, error);
        write_in_batches(&owed, |some| self.write(some), put_back).await;
    }

    fn put_back(&self, owed: &[((TenantId, NaiveDate), Done)], error: &DbErr) {
        tracing::warn!(error = %error, "could not store the usage of tenants; trying again");
        let mut counts = self.counts();
        for (key, done) in owed {
            let again = counts.entry(*key).or_default();
            again.syncs += done.syncs;
            again.graph_calls += done.graph_calls;
        }
    }

    async fn write(&self, owed: &[((TenantId, NaiveDate), Done)]) -> Result<(), DbErr> {
        let rows = owed.iter().map(|((tenant, day), done)| ActiveModel {
            syncs: Set(done.syncs),
            graph_calls: Set(done.graph_calls),
            ..empty_row(*tenant, *day)
        });
        Entity::insert_many(rows)
            .on_conflict(adding([Column::Syncs, Column::GraphCalls]))
            .exec_without_returning(self.database.connection())
            .await
            .map(drop)
    }
}
