//! Syncs and calls to Instagram, counted in memory and written down in batches.

use chrono::NaiveDate;
use sea_orm::{
    ActiveValue::Set,
    DbErr, EntityTrait, ExprTrait,
    sea_query::{Expr, OnConflict},
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use vitrine_base::{
    clock::SharedClock,
    database::{Database, is_reference_broken},
    periodic_flush::flush_until,
};
use vitrine_entity::{TenantId, usage_day};

/// How often it is written down: a process that is killed loses as much.
const FLUSH_INTERVAL: Duration = Duration::from_secs(10);
/// Rows of one statement.
const ROWS_AT_ONCE: usize = 1_000;

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
        for some in owed.chunks(ROWS_AT_ONCE) {
            match self.write(some).await {
                Ok(()) => {}
                Err(error) if is_reference_broken(&error) => self.flush_one_by_one(some).await,
                Err(error) => self.put_back(some, &error),
            }
        }
    }

    /// A tenant that is gone spoils the batch of the others, so each goes alone then.
    async fn flush_one_by_one(&self, owed: &[((TenantId, NaiveDate), Done)]) {
        for one in owed.chunks(1) {
            match self.write(one).await {
                Err(error) if !is_reference_broken(&error) => self.put_back(one, &error),
                Ok(()) | Err(_) => {}
            }
        }
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
        let rows = owed.iter().map(|((tenant, day), done)| usage_day::ActiveModel {
            tenant_id: Set(*tenant),
            day: Set(*day),
            feed_requests: Set(0),
            syncs: Set(done.syncs),
            graph_calls: Set(done.graph_calls),
            stored_bytes: Set(0),
        });
        usage_day::Entity::insert_many(rows)
            .on_conflict(add_to_the_day())
            .exec_without_returning(self.database.connection())
            .await
            .map(drop)
    }
}

fn add_to_the_day() -> OnConflict {
    use usage_day::{Column, Entity};
    let more = |column, name: &'static str| {
        let more = Expr::col((Entity, column)).add(Expr::cust(format!("excluded.{name}")));
        (column, more)
    };
    OnConflict::columns([Column::TenantId, Column::Day])
        .values([
            more(Column::Syncs, "syncs"),
            more(Column::GraphCalls, "graph_calls"),
        ])
        .to_owned()
}
