//! One claim: a batch of due rows, taken from every tenant in turn.

use sea_orm::{ConnectionTrait, DatabaseBackend, DbErr, QueryResult, Statement, Value};
use vitrine_base::database::Database;
use vitrine_entity::{AccountId, TenantId, Time};

#[cfg(test)]
mod plans;

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

/// Where the due rows of one kind are.
#[derive(Clone, Copy, Debug)]
pub(super) struct DueTable {
    pub(super) table: &'static str,
    pub(super) account: &'static str,
    pub(super) due: &'static str,
    pub(super) lease_id: &'static str,
    pub(super) lease_until: &'static str,
}

/// Accounts by their next sync.
pub(super) const SYNCS: DueTable = DueTable {
    table: "account",
    account: "id",
    due: "next_sync_at",
    lease_id: "sync_lease_id",
    lease_until: "sync_lease_until",
};

/// Tokens by their next refresh.
pub(super) const REFRESHES: DueTable = DueTable {
    table: "account_token",
    account: "account_id",
    due: "next_refresh_at",
    lease_id: "refresh_lease_id",
    lease_until: "refresh_lease_until",
};

/// A row that was claimed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claimed {
    pub(super) account: AccountId,
    pub(super) tenant: TenantId,
    pub(super) due_at: Time,
}

/// What a claim is to do.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim {
    pub(super) now: Time,
    /// Until when it holds.
    pub(super) until: Time,
    pub(super) most: u32,
    /// Whether there are paused tenants to pass over.
    pub(super) some_paused: bool,
}

impl DueTable {
    /// Claims the first due row of each tenant, then the second of each, and so on. Several claims at once
    /// share no row.
    pub(super) async fn claim(self, database: &Database, claim: Claim) -> Result<Vec<Claimed>, DbErr> {
        let transaction = database.begin_write().await?;
        let backend = transaction.get_database_backend();
        if backend == DatabaseBackend::Postgres {
            transaction.execute_unprepared(BY_INDEX).await?;
        }
        let rows = transaction.query_all_raw(self.statement(backend, claim)).await?;
        transaction.commit().await?;
        let mut claimed = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        claimed.sort_unstable_by_key(|row| row.due_at);
        Ok(claimed)
    }

    pub(super) fn statement(self, backend: DatabaseBackend, claim: Claim) -> Statement {
        let values: [Value; 3] = [claim.now.into(), claim.until.into(), i64::from(claim.most).into()];
        Statement::from_sql_and_values(backend, self.sql(backend, claim.some_paused), values)
    }

    /// Postgres locks no rows of a query that ranks them, so they are ranked first, then locked and looked at
    /// again. SQLite has one writer and needs no lock.
    fn sql(self, backend: DatabaseBackend, some_paused: bool) -> String {
        let Self {
            table,
            account,
            due,
            lease_id,
            lease_until,
        } = self;
        let lock = match backend {
            DatabaseBackend::Postgres => "for update of held skip locked",
            _ => "",
        };
        let unpaused = match some_paused {
            true => "and tenant_id not in (select id from tenant where paused_at is not null)",
            false => "",
        };
        let free = format!("({lease_until} is null or {lease_until} <= $1)");
        format!(
            "with oldest as (
                select {account} as account, tenant_id, {due} as due from {table}
                where {due} <= $1 and {free} {unpaused}
                order by {due} limit {OLDEST}
            ), newest as (
                select {account} as account, tenant_id, {due} as due from {table}
                where {due} <= $1 and {due} > (select max(due) from oldest) and {free} {unpaused}
                order by {due} desc limit {NEWEST}
            ), ranked as (
                select account, due, row_number() over (partition by tenant_id order by due) as turn
                from (select * from oldest union all select * from newest) as seen
            ), chosen as (
                select account, due, turn from ranked order by turn, due limit $3 * {CHOICE}
            ), taken as (
                select held.{account} as account
                from chosen join {table} as held on held.{account} = chosen.account
                where held.{due} <= $1 and (held.{lease_until} is null or held.{lease_until} <= $1)
                order by chosen.turn, chosen.due limit $3 {lock}
            )
            update {table} set {lease_until} = $2, {lease_id} = null
            where {account} in (select account from taken)
            returning {account} as account, tenant_id, {due} as due"
        )
    }
}

fn read(row: &QueryResult) -> Result<Claimed, DbErr> {
    Ok(Claimed {
        account: row.try_get("", "account")?,
        tenant: row.try_get("", "tenant_id")?,
        due_at: row.try_get("", "due")?,
    })
}
