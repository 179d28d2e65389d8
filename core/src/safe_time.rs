//! The moment by which what cannot be taken back is decided.
//!
//! A clock that is days ahead would end a grace, and delete what was to be kept, before anybody notices. So a clock is
//! believed only as far as two others agree:
//! - The database's own clock.
//! - A record in the database of the latest moment that was believed. From the start of a process it goes on twice as
//!   fast as the time that the process measures itself, which no setting of a clock moves. After a machine was off for
//!   a day, deletions are late by up to a day, and are on time again a day later. A clock that is set ten days ahead
//!   deletes nothing for ten days.
//!
//! On SQLite the database's clock is the machine's, and the record alone notices.

use crate::{clock::SharedClock, database::Database};
use chrono::{SecondsFormat, TimeDelta};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbBackend, DbErr, EntityTrait, Statement};
use std::{
    cmp::min,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{sync::OnceCell, time::Instant};
use vitrine_entity::{
    Time,
    installation::{ActiveModel, Column, Entity, SAFE_TIME},
};

/// Clocks that differ by less agree.
const TOLERANCE: TimeDelta = TimeDelta::minutes(1);
/// How often the record is written, and a disagreement told.
const EVERY: Duration = Duration::from_secs(60);
/// How much faster than measured time the record may go on, until it has caught up.
const CATCH_UP: i32 = 2;

/// Tells the time for deletions. Clones share what they know.
#[derive(Clone, Debug)]
pub(crate) struct SafeTime {
    database: Database,
    clock: SharedClock,
    known: Arc<Known>,
}

#[derive(Debug, Default)]
struct Known {
    begun: OnceCell<Begun>,
    written: Mutex<Option<Instant>>,
    told: Mutex<Option<Instant>>,
}

/// The record as a process found it.
#[derive(Debug)]
struct Begun {
    record: Time,
    at: Instant,
}

impl Begun {
    fn record_now(&self) -> Time {
        let measured = TimeDelta::from_std(self.at.elapsed()).unwrap_or(TimeDelta::MAX / CATCH_UP);
        self.record
            .checked_add_signed(measured * CATCH_UP)
            .unwrap_or(Time::MAX_UTC)
    }
}

impl SafeTime {
    /// The time of `clock`, as far as `database` agrees.
    #[must_use]
    pub(crate) fn new(database: Database, clock: SharedClock) -> Self {
        Self {
            database,
            clock,
            known: Arc::default(),
        }
    }

    /// The present moment, or an earlier one while clocks disagree.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn now(&self) -> Result<Time, DbErr> {
        let there = self.database_time().await?;
        let begun = self.known.begun.get_or_try_init(|| self.begin(there)).await?;
        let (now, on_purpose) = (self.clock.now(), self.clock.ahead());
        let here = now - on_purpose;
        let bound = min(begun.record_now(), there);
        let safe = if here <= bound + TOLERANCE { here } else { bound };
        let disbelieved: TimeDelta = here.signed_duration_since(safe);
        metrics::gauge!("vitrine_clock_disbelieved_seconds").set(disbelieved.as_seconds_f64());
        if disbelieved > TimeDelta::zero() {
            self.tell(disbelieved);
        }
        self.write(min(safe, there)).await?;
        Ok(safe + on_purpose)
    }

    async fn database_time(&self) -> Result<Time, DbErr> {
        let connection = self.database.connection();
        let backend = connection.get_database_backend();
        if backend == DbBackend::Sqlite {
            return Ok(self.clock.now() - self.clock.ahead());
        }
        let statement = Statement::from_string(backend, "select clock_timestamp() as there");
        let row = connection.query_one_raw(statement).await?;
        row.ok_or(DbErr::RecordNotFound("the database's time".to_owned()))?
            .try_get("", "there")
    }

    /// A database that has no record yet takes the present moment for one.
    async fn begin(&self, there: Time) -> Result<Begun, DbErr> {
        let row = Entity::find_by_id(SAFE_TIME)
            .one(self.database.connection())
            .await?;
        let record = row.and_then(|row| row.value.parse::<Time>().ok());
        Ok(Begun {
            record: record.unwrap_or(there),
            at: Instant::now(),
        })
    }

    /// The record never goes back: another process may have written a later one.
    async fn write(&self, safe: Time) -> Result<(), DbErr> {
        if !is_time(&self.known.written) {
            return Ok(());
        }
        let row = ActiveModel {
            name: Set(SAFE_TIME.to_owned()),
            value: Set(safe.to_rfc3339_opts(SecondsFormat::Micros, true)),
        };
        let later = OnConflict::column(Column::Name)
            .update_column(Column::Value)
            .action_and_where(Expr::cust("installation.value < excluded.value"))
            .to_owned();
        Entity::insert(row)
            .on_conflict(later)
            .exec_without_returning(self.database.connection())
            .await
            .map(drop)
    }

    fn tell(&self, ahead: TimeDelta) {
        if is_time(&self.known.told) {
            tracing::warn!(
                ahead_seconds = ahead.num_seconds(),
                "this machine's clock is ahead of what the database knows, or the service was off for so long; \
                 deletions that cannot be taken back wait until both agree"
            );
        }
    }
}

/// Whether it was last done long enough ago; it then counts as done.
fn is_time(last: &Mutex<Option<Instant>>) -> bool {
    let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
    let is_time = last.is_none_or(|last| last.elapsed() >= EVERY);
    if is_time {
        *last = Some(Instant::now());
    }
    is_time
}

#[cfg(test)]
mod tests;
