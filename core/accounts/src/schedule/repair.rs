//! Times that no clock of ours can have meant.
//!
//! A clock that jumps far ahead and back leaves due times and leases far in the future; the rows would sleep
//! until then. Each look reads the far end of an index, where nothing is when all is well.

mod repaired;
mod waiting;

pub use repaired::{Repaired, Waiting};

use super::{Cadence, PUT_OFF};
use crate::schedule;
use repaired::BATCH;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, ExecResult, FromQueryResult, Statement, Value};
use std::time::Duration;
use vitrine_base::{
    background::leased_work::{LeaseNames, LeasedRows},
    clock::later,
    database::Database,
    random,
};
use vitrine_entity::Time;

/// Rows at the far end of an index, or at the head of what is due, that a look reads at most.
const READ: u32 = 10_000;
/// Rows that are pulled back to the same moment.
const TOGETHER: usize = 50;
/// They come due within this time, not all at once.
const WITHIN: Duration = Duration::from_mins(10);
/// Clocks of processes may differ by this much.
const TOLERANCE: Duration = Duration::from_mins(10);
/// No lease of ours is longer than half of this.
const LONGEST_LEASE: Duration = Duration::from_mins(10);
/// No turn waits longer for the app: two hours of cooldown, and ten minutes over which turns come again.
const LONGEST_WAIT: Duration = Duration::from_mins(130);
/// No sync is put off for longer, whatever cadence an owner chose and whatever cooldown Instagram asked for.
const LONGEST_SYNC: Duration = Duration::from_hours(3 * 24);
/// No refresh is put off for longer: 50 days are the longest that may be configured.
const LONGEST_REFRESH: Duration = Duration::from_hours(51 * 24);
/// No job that somebody asked for is put off for longer.
const LONGEST_JOB: Duration = Duration::from_hours(25);

/// One kind of row whose times may be impossible.
#[derive(Clone, Copy, Debug)]
struct Kind {
    table: &'static str,
    key: &'static str,
    due: &'static str,
    /// Columns that decide beside the due time, each after a comma.
    beside: &'static str,
    /// What is impossible among the rows due later than `$2`; `$1` is now and `$3` the horizon.
    impossible: &'static str,
    /// What else is set in such a row; `$1` is now, `$2` the new due time, `$3` what is far away. A lease that
    /// may be in force is left alone.
    also: &'static str,
}

/// A row with the server's own cadence is due within it, unless Instagram asked for a cooldown.
const SYNCS: Kind = Kind {
    table: "account",
    key: "id",
    due: "next_sync_at",
    beside: ", sync_every_seconds, blocked_until",
    impossible: "due > $3 or (sync_every_seconds is null and (blocked_until is null or blocked_until < due))",
    also: "sync_lease_id = case when sync_lease_until > $3 then null else sync_lease_id end,
        sync_lease_until = case when sync_lease_until > $3 then null else sync_lease_until end,
        blocked_until = null,
        listed_at = case when listed_at > $1 then null else listed_at end,
        synced_at = case when synced_at > $1 then $1 else synced_at end",
};

/// A token that seems to come from the future would be too young for ever.
const REFRESHES: Kind = Kind {
    table: "account_token",
    key: "account_id",
    due: "next_refresh_at",
    beside: "",
    impossible: "due > $3",
    also: "refresh_lease_id = case when refresh_lease_until > $3 then null else refresh_lease_id end,
        refresh_lease_until = case when refresh_lease_until > $3 then null else refresh_lease_until end,
        issued_at = case when issued_at > $1 then $1 else issued_at end,
        refreshed_at = case when refreshed_at > $1 then $1 else refreshed_at end",
};

/// A job that waits or runs is looked for again within minutes.
const JOBS: Kind = Kind {
    table: "job",
    key: "id",
    due: "run_at",
    beside: ", status",
    impossible: "due > $3 or status <> 'deferred'",
    also: "queued_at = case when queued_at > $1 then $1 else queued_at end",
};

#[derive(FromQueryResult)]
struct Key {
    key: sea_orm::prelude::Uuid,
}

/// Pulls back what is impossible, a bounded number of rows. What waits beside the schedule may be under way elsewhere,
/// so it goes by `start`, which a clock that is behind does not move.
pub(super) async fn run(
    database: &Database,
    (now, start): (Time, Time),
    cadence: Cadence,
) -> Result<Repaired, DbErr> {
    let wait = cadence.sync_every.max(PUT_OFF).max(LONGEST_WAIT);
    let near_sync = later(now, wait + TOLERANCE);
    let repaired = Repaired {
        syncs: SYNCS.pull(database, now, near_sync, LONGEST_SYNC).await?,
        refreshes: REFRESHES
            .pull(database, now, later(now, LONGEST_REFRESH), LONGEST_REFRESH)
            .await?,
        jobs: JOBS
            .pull(database, now, later(now, TOLERANCE * 2), LONGEST_JOB)
            .await?,
        leases: free_leases(database, now, &schedule::SYNCS).await?
            + free_leases(database, now, &schedule::REFRESHES).await?,
        waiting: waiting::pull(database, start).await?,
    };
    repaired.report();
    Ok(repaired)
}

impl Kind {
    async fn pull(
        &self,
        database: &Database,
        now: Time,
        near: Time,
        longest: Duration,
    ) -> Result<u64, DbErr> {
        let found = self.find(database, now, near, later(now, longest)).await?;
        let mut pulled = 0;
        for keys in found.chunks(TOGETHER) {
            let due = later(now, random::jitter(WITHIN, 0.0..1.0));
            pulled += self.set(database, now, near, due, keys).await?.rows_affected();
        }
        Ok(pulled)
    }

    async fn find(
        &self,
        database: &Database,
        now: Time,
        near: Time,
        horizon: Time,
    ) -> Result<Vec<Key>, DbErr> {
        let Self {
            table,
            key,
            due,
            beside,
            impossible,
            ..
        } = self;
        // Each parameter is named in every statement: SQLite counts them.
        let sql = format!(
            "select key from (
                select {key} as key, {due} as due{beside} from {table}
                where {due} > $2 and $2 >= $1 and $3 >= $1 order by {due} desc limit {READ}
            ) as far where {impossible} limit {BATCH}"
        );
        let values: [Value; 3] = [now.into(), near.into(), horizon.into()];
        let connection = database.connection();
        let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
        Key::find_by_statement(statement).all(connection).await
    }

    /// A row that somebody moved meanwhile is left alone.
    async fn set(
        &self,
        database: &Database,
        now: Time,
        near: Time,
        to: Time,
        keys: &[Key],
    ) -> Result<ExecResult, DbErr> {
        let Self {
            table,
            key,
            due,
            also,
            ..
        } = self;
        let places: Vec<String> = (4..4 + keys.len()).map(|place| format!("${place}")).collect();
        let sql = format!(
            "update {table} set {due} = $2, {also} where {due} > $3 and {key} in ({})",
            places.join(", ")
        );
        let mut values: Vec<Value> = vec![now.into(), to.into(), near.into()];
        values.extend(keys.iter().map(|found| Value::from(found.key)));
        let connection = database.connection();
        let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
        connection.execute_raw(statement).await
    }
}

/// A due row is looked at again once its lease ends, which must be soon.
async fn free_leases<E: EntityTrait>(
    database: &Database,
    now: Time,
    rows: &LeasedRows<E>,
) -> Result<u64, DbErr> {
    let names = rows.names();
    let LeaseNames {
        table,
        key,
        due,
        until,
        ..
    } = names;
    let without_holder = names.without_holder();
    let sql = format!(
        "update {table} set {without_holder}{until} = null where {until} > $2 and {key} in (
            select key from (
                select {key} as key, {until} as until from {table}
                where {due} <= $1 order by {due} limit {READ}
            ) as due where until > $2 limit {BATCH}
        )"
    );
    let values: [Value; 2] = [now.into(), later(now, LONGEST_LEASE).into()];
    let connection = database.connection();
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    Ok(connection.execute_raw(statement).await?.rows_affected())
}
