//! Claims that serve all tenants in turn, however much one of them has due.

use super::{LeaseNames, LeasedRows};
use crate::database::Database;
use sea_orm::{
    ConnectionTrait, DatabaseBackend, DbErr, EntityTrait, QueryResult, Statement, TryGetable, Value,
};
use vitrine_entity::{TenantId, Time};

/// Due rows that a claim looks at from the oldest on: its cost is bounded, whatever is due.
const OLDEST: u32 = 12_000;
/// Due rows that it looks at from the newest back, so that a row that just became due is seen behind any
/// backlog.
const NEWEST: u32 = 2_000;
/// Rows chosen for each one wanted: what other claims hold at this moment is passed over.
const CHOICE: u32 = 4;

/// Due rows are read in the order of their index, whatever the planner knows of the table: a bitmap would read
/// all that is due, and would never mark what is dead in the index. A claim that is lost with the server was
/// not needed, so nobody waits for the disk.
const BY_INDEX: &str = "set local enable_bitmapscan = off; set local enable_seqscan = off;
    set local synchronous_commit = off";

/// What a claim is to do.
#[derive(Clone, Copy, Debug)]
pub struct FairClaim {
    /// The present moment.
    pub now: Time,
    /// Until when it holds.
    pub until: Time,
    /// Rows at most.
    pub most: u32,
    /// Whether rows of tenants whose schedule is paused are passed over.
    pub without_paused: bool,
}

/// A row that was claimed.
#[derive(Clone, Copy, Debug)]
pub struct Claimed<K> {
    /// What names it.
    pub key: K,
    /// Whose it is.
    pub tenant: TenantId,
    /// When it was due.
    pub due_at: Time,
}

impl<E: EntityTrait> LeasedRows<E> {
    /// Claims the first due row of each tenant, then the second of each, and so on. Several claims at once
    /// share no row. No run holds what was claimed yet: the first that takes it has it.
    ///
    /// # Errors
    /// When the database fails; some rows may have been claimed, and are due again when the claim ends.
    pub async fn claim_fairly<K: TryGetable>(
        &self,
        database: &Database,
        claim: FairClaim,
    ) -> Result<Vec<Claimed<K>>, DbErr> {
        let transaction = database.begin_write().await?;
        let backend = transaction.get_database_backend();
        if backend == DatabaseBackend::Postgres {
            transaction.execute_unprepared(BY_INDEX).await?;
        }
        let rows = transaction.query_all_raw(self.fair_claim(backend, claim)).await?;
        transaction.commit().await?;
        let mut claimed = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        claimed.sort_unstable_by_key(|row| row.due_at);
        Ok(claimed)
    }

    /// The statement of [`LeasedRows::claim_fairly`].
    pub fn fair_claim(&self, backend: DatabaseBackend, claim: FairClaim) -> Statement {
        let values: [Value; 3] = [claim.now.into(), claim.until.into(), i64::from(claim.most).into()];
        Statement::from_sql_and_values(backend, self.fair_sql(backend, claim.without_paused), values)
    }

    /// Both ends of what is due are read, so that the cost is bounded and new rows are seen behind a backlog. Rows are
    /// ranked within their tenant. Postgres locks no rows of a query that ranks them, so they are ranked first, then
    /// locked and looked at again. SQLite has one writer and needs no lock.
    fn fair_sql(&self, backend: DatabaseBackend, without_paused: bool) -> String {
        let names = self.names();
        let LeaseNames {
            table,
            key,
            due,
            until,
            ..
        } = names;
        let without_holder = names.without_holder();
        let lock = match backend {
            DatabaseBackend::Postgres => "for update of held skip locked",
            _ => "",
        };
        let unpaused = match without_paused {
            true => "and tenant_id not in (select id from tenant where paused_at is not null)",
            false => "",
        };
        let free = format!("({until} is null or {until} <= $1)");
        format!(
            "with oldest as (
                select {key} as key, tenant_id, {due} as due from {table}
                where {due} <= $1 and {free} {unpaused}
                order by {due} limit {OLDEST}
            ), newest as (
                select {key} as key, tenant_id, {due} as due from {table}
                where {due} <= $1 and {due} > (select max(due) from oldest) and {free} {unpaused}
                order by {due} desc limit {NEWEST}
            ), ranked as (
                select key, due, row_number() over (partition by tenant_id order by due) as turn
                from (select * from oldest union all select * from newest) as seen
            ), chosen as (
                select key, due, turn from ranked order by turn, due limit $3 * {CHOICE}
            ), taken as (
                select held.{key} as key
                from chosen join {table} as held on held.{key} = chosen.key
                where held.{due} <= $1 and (held.{until} is null or held.{until} <= $1)
                order by chosen.turn, chosen.due limit $3 {lock}
            )
            update {table} set {without_holder}{until} = $2
            where {key} in (select key from taken)
            returning {key} as key, tenant_id, {due} as due"
        )
    }
}

fn read<K: TryGetable>(row: &QueryResult) -> Result<Claimed<K>, DbErr> {
    Ok(Claimed {
        key: row.try_get("", "key")?,
        tenant: row.try_get("", "tenant_id")?,
        due_at: row.try_get("", "due")?,
    })
}
