//! The moment by which what cannot be taken back is decided.
//!
//! A clock that is days ahead would end a grace, and delete what was to be kept, before anybody notices. So a clock is
//! believed only as far as two others agree:
//! - The database's own clock.
//! - A record in the database of the latest moment that was believed. From the start of a process it goes on with the
//!   time that the process measures itself, which no setting of a clock moves. It catches up by one per cent of that
//!   time, or twice as fast as time where a database on another machine agrees (see [`record`]).
//!
//! On SQLite the database's clock is the machine's, and the record alone notices. After a machine was off for a day,
//! deletions there are late by a day, and on time again after a hundred days. A clock that is set a week ahead ends a
//! grace of a week less than two hours early.
//!
//! The record alone cannot tell a wrong clock from a service that was off. So a gap that was there at the start is told
//! once. A database whose clock disagrees, and a clock that moved since the start, are warned of.

mod record;

use crate::{clock::SharedClock, database::Database};
use chrono::{SecondsFormat, TimeDelta};
use record::{ClockSource, Record};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbBackend, DbErr, EntityTrait, Statement};
use std::{
    cmp::{max, min},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{sync::OnceCell, time::Instant};
use vitrine_entity::{
    InstallationOwned, Time,
    installation::{ActiveModel, Column, Entity, SAFE_TIME},
};

/// Clocks that differ by less agree.
const TOLERANCE: TimeDelta = TimeDelta::minutes(1);
/// How often the record is written, and a clock warned of.
const EVERY: Duration = Duration::from_secs(60);
/// Clocks of one machine agree within this, measured around a question to the database.
const ONE_MACHINE: TimeDelta = TimeDelta::milliseconds(1);

/// Tells the time for deletions. All of a process share what they know of a database.
#[derive(Clone, Debug)]
pub struct SafeTime {
    database: Database,
    clock: SharedClock,
    known: Arc<KnownTime>,
}

/// What a process knows of the time in a database.
#[derive(Debug, Default)]
pub struct KnownTime {
    begun: OnceCell<Begun>,
    written: Mutex<Option<Instant>>,
    warned: Mutex<Option<Instant>>,
    gap_logged: AtomicBool,
    other_machine: AtomicBool,
}

/// The record as a process found it, and what its clock said then.
#[derive(Debug)]
struct Begun {
    record: Mutex<Record>,
    here: Time,
    at: Instant,
}

/// What the clocks and the record say at one moment.
struct ClockReading<'a> {
    /// This process's clock, without what it was moved by on purpose.
    here: Time,
    /// The database's clock.
    there: Time,
    /// How far this process's clock was moved by somebody who tests.
    on_purpose: TimeDelta,
    record: Time,
    begun: &'a Begun,
}

/// Why a clock is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doubt {
    /// It was ahead of the record at the start: it is wrong, or the service was off.
    SinceTheStart,
    /// It is ahead of the database's, or went faster than time since the start.
    Ahead,
}

impl Begun {
    fn measured(&self) -> TimeDelta {
        TimeDelta::from_std(self.at.elapsed()).unwrap_or(TimeDelta::MAX / 2)
    }

    fn record_now(&self, there: Time, clock_source: ClockSource) -> Time {
        let mut record = self.record.lock().unwrap_or_else(PoisonError::into_inner);
        record.advance(Instant::now(), there, clock_source)
    }

    fn doubt(&self, here: Time, there: Time) -> Doubt {
        let moved = here.signed_duration_since(self.here) > self.measured() + TOLERANCE;
        match moved || here > there + TOLERANCE {
            true => Doubt::Ahead,
            false => Doubt::SinceTheStart,
        }
    }
}

impl SafeTime {
    /// The time of `clock`, as far as `database` agrees.
    #[must_use]
    pub fn new(database: Database, clock: SharedClock) -> Self {
        Self {
            known: Arc::clone(database.known_time()),
            database,
            clock,
        }
    }

    /// The present moment, or an earlier one while clocks disagree.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn now(&self) -> Result<Time, DbErr> {
        let reading = self.read().await?;
        let bound = min(reading.record, reading.there);
        let safe = match reading.here <= bound + TOLERANCE {
            true => reading.here,
            false => bound,
        };
        let disbelieved: TimeDelta = reading.here.signed_duration_since(safe);
        metrics::gauge!("vitrine_clock_disbelieved_seconds").set(disbelieved.as_seconds_f64());
        if disbelieved > TimeDelta::zero() {
            self.log_doubt(reading.begun.doubt(reading.here, reading.there), disbelieved);
        }
        self.write(min(safe, reading.there)).await?;
        Ok(safe + reading.on_purpose)
    }

    /// The present moment as the start of a time that ends in a deletion: never earlier than what [`SafeTime::now`]
    /// will measure it by. This process's clock counts only while the database's agrees.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn start(&self) -> Result<Time, DbErr> {
        let reading = self.read().await?;
        let agreed = match reading.here.signed_duration_since(reading.there).abs() <= TOLERANCE {
            true => max(reading.here, reading.there),
            false => reading.there,
        };
        Ok(max(agreed, reading.record) + reading.on_purpose)
    }

    /// Asks both clocks and moves the record on.
    async fn read(&self) -> Result<ClockReading<'_>, DbErr> {
        let there = self.database_time().await?;
        let on_purpose = self.clock.ahead();
        let here = self.clock.now() - on_purpose;
        let begun = self
            .known
            .begun
            .get_or_try_init(|| self.begin(here, there))
            .await?;
        Ok(ClockReading {
            here,
            there,
            on_purpose,
            record: begun.record_now(there, self.clock_source()),
            begun,
        })
    }

    fn clock_source(&self) -> ClockSource {
        match self.known.other_machine.load(Ordering::Relaxed) {
            true => ClockSource::Another,
            false => ClockSource::Alone,
        }
    }

    /// A clock of this machine would show a moment between question and answer. One that does not is another's.
    async fn database_time(&self) -> Result<Time, DbErr> {
        let connection = self.database.connection();
        let backend = connection.get_database_backend();
        let before = self.machine_time();
        if backend == DbBackend::Sqlite {
            return Ok(before);
        }
        let statement = Statement::from_string(backend, "select clock_timestamp() as there");
        let row = connection.query_one_raw(statement).await?;
        let there = row
            .ok_or(DbErr::RecordNotFound("the database's time".to_owned()))?
            .try_get("", "there")?;
        let after = self.machine_time();
        let is_here = before - ONE_MACHINE <= there && there <= after + ONE_MACHINE;
        if before <= after && !is_here {
            self.known.other_machine.store(true, Ordering::Relaxed);
        }
        Ok(there)
    }

    fn machine_time(&self) -> Time {
        self.clock.now() - self.clock.ahead()
    }

    /// A database that has no record yet takes the present moment for one.
    async fn begin(&self, here: Time, there: Time) -> Result<Begun, DbErr> {
        let row = Entity::row(SAFE_TIME).one(self.database.connection()).await?;
        let record = row.and_then(|row| row.value.parse::<Time>().ok());
        Ok(Begun {
            record: Mutex::new(Record::new(record.unwrap_or(there), Instant::now())),
            here,
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

    fn log_doubt(&self, doubt: Doubt, ahead: TimeDelta) {
        let ahead_seconds = ahead.num_seconds();
        match doubt {
            Doubt::SinceTheStart => {
                if !self.known.gap_logged.swap(true, Ordering::Relaxed) {
                    tracing::info!(
                        ahead_seconds,
                        "either this machine's clock is wrong, or Vitrine was switched off for a while; permanent \
                         deletions wait for now, and nothing needs to be done if the clock is right"
                    );
                }
            }
            Doubt::Ahead => {
                if is_time(&self.known.warned) {
                    tracing::warn!(
                        ahead_seconds,
                        "this machine's clock is ahead of the database's, or was set forward; permanent deletions \
                         wait until the clock is right"
                    );
                }
            }
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
