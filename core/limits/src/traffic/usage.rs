//! What was made, written down in batches.

use super::{FLUSH_INTERVAL, Traffic, meter::Meter};
use crate::{
    counters::Window,
    usage::day_rows::{adding, empty_row, write_in_batches},
};
use chrono::NaiveDate;
use sea_orm::{ActiveValue::Set, DbErr, EntityTrait};
use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError},
    time::Duration,
};
use uuid::Uuid;
use vitrine_base::background::flush_until;
use vitrine_entity::{
    TenantId,
    usage_day::{ActiveModel, Column, Entity},
};

/// Tries to write down what is counted when the process ends.
const LAST_TRIES: usize = 5;
const BETWEEN_LAST_TRIES: Duration = Duration::from_millis(200);

/// Requests of a tenant that are not written down yet, and the meters that counted them.
#[derive(Default)]
struct Owed {
    requests: u64,
    parts: Vec<(Arc<Meter>, u64)>,
}

impl Owed {
    fn put_back(&self) {
        for (meter, count) in &self.parts {
            meter.put_back(*count);
        }
    }
}

impl Traffic {
    /// Writes down what is counted, every ten seconds until `stop`, and once more after `end`, when nothing
    /// is counted any more.
    ///
    /// The last time goes through a connection of its own, since the threads that opened the others have
    /// ended by then.
    pub async fn flush_periodically(mut self, stop: impl Future<Output = ()>, end: impl Future<Output = ()>) {
        flush_until(FLUSH_INTERVAL, stop, end, || self.flush()).await;
        for _ in 0..LAST_TRIES {
            if self.final_flush().await {
                return;
            }
            tokio::time::sleep(BETWEEN_LAST_TRIES).await;
        }
        tracing::error!(
            "visitors' requests of the last seconds are lost for the counts: the database is away"
        );
    }

    async fn final_flush(&mut self) -> bool {
        match self.database.dedicated().await {
            Ok(apart) => self.database = apart,
            Err(error) => {
                tracing::warn!(error = %error, "no connection to store the last counts of visitors' requests");
                return false;
            }
        }
        self.flush().await
    }

    /// Writes down what is counted since the last time, on the day that it is now. What cannot be
    /// written is counted again, so that it goes with the next batch: a batch whose answer was lost on the
    /// way may be counted twice, never lost. Tells whether everything was written.
    pub async fn flush(&self) -> bool {
        let day = Window::day(self.clock.now()).number();
        let owed: Vec<(TenantId, Owed)> = self
            .collect()
            .into_iter()
            .map(|(id, owed)| (TenantId(id), owed))
            .collect();
        write_in_batches(&owed, |some| self.write(day, some), put_back).await
    }

    /// What each tenant owes, in the order of ids: statements at once then wait for each other in one
    /// order only. Meters that rest are dropped.
    fn collect(&self) -> BTreeMap<Uuid, Owed> {
        let now = self.clock.now();
        let mut meters = self.meters.write().unwrap_or_else(PoisonError::into_inner);
        let mut owed: BTreeMap<Uuid, Owed> = BTreeMap::new();
        for meter in meters.by_payer.values() {
            let requests = meter.drain();
            if requests > 0 {
                let owed = owed.entry(meter.tenant().0).or_default();
                owed.requests += requests;
                owed.parts.push((Arc::clone(meter), requests));
            }
        }
        meters
            .by_payer
            .retain(|_, meter| Arc::strong_count(meter) > 1 || !meter.is_idle(now));
        meters.days.retain(|_, day| Arc::strong_count(day) > 1);
        owed
    }

    async fn write(&self, day: i64, owed: &[(TenantId, Owed)]) -> Result<(), DbErr> {
        let rows = owed.iter().map(|(tenant, owed)| row(*tenant, day, owed.requests));
        let insert = Entity::insert_many(rows).on_conflict(adding([Column::FeedRequests]));
        let database = self.database.connection();
        // Only a plan's end is measured against the day's sum.
        if self.limits.requests_per_day.is_none() {
            return insert.exec_without_returning(database).await.map(drop);
        }
        let written = insert.exec_with_returning(database).await?;
        let totals: BTreeMap<Uuid, u64> = written
            .into_iter()
            .map(|row| (row.tenant_id.0, u64::try_from(row.feed_requests).unwrap_or(0)))
            .collect();
        for (tenant, owed) in owed {
            let total = totals.get(&tenant.0).copied().unwrap_or(owed.requests);
            for (meter, _) in &owed.parts {
                meter.day().note(day, total);
            }
        }
        Ok(())
    }
}

fn put_back(owed: &[(TenantId, Owed)], error: &DbErr) {
    tracing::warn!(error = %error, "could not store the counts of visitors' requests; trying again");
    for (_, owed) in owed {
        owed.put_back();
    }
}

fn row(tenant: TenantId, day: i64, requests: u64) -> ActiveModel {
    let day = i32::try_from(day).ok().and_then(NaiveDate::from_epoch_days);
    ActiveModel {
        feed_requests: Set(i64::try_from(requests).unwrap_or(i64::MAX)),
        ..empty_row(tenant, day.unwrap_or_default())
    }
}
