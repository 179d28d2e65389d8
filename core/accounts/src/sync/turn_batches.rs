//! Taking turns and ending unchanged ones, for all runs of a process that do so at the same time.
//!
//! Both engines understand the statements. Each row is named with its tenant, as everywhere.

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, FromQueryResult, IdenStatic, Iterable, QueryFilter, QueryResult,
    Value,
};
use std::collections::{HashMap, HashSet};
use vitrine_base::{
    background::leased_work::Lease, database::Database, database::QueryBatcher, database::statement_over,
};
use vitrine_entity::{AccountId, LeaseId, TenantId, TenantOwned, Time, account, account_token};

/// A run that wants an account to itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClaimRequest {
    pub(crate) tenant: TenantId,
    pub(crate) account: AccountId,
    pub(crate) lease: Lease,
    pub(crate) now: Time,
    /// The due time that it was claimed for; a turn that has moved on is not taken.
    pub(crate) due_at: Option<Time>,
}

/// The end of a run that found nothing new.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unchanged {
    pub(crate) tenant: TenantId,
    pub(crate) account: AccountId,
    pub(crate) lease: LeaseId,
    pub(crate) synced_at: Time,
    pub(crate) next_sync_at: Time,
    pub(crate) calls_counted: Option<i32>,
    pub(crate) calls_counted_at: Option<Time>,
    pub(crate) blocked_until: Option<Time>,
}

/// What a run works on.
pub(crate) type ClaimedAccount = (account::Model, account_token::Model);

/// A column of the rows that a statement is given: its name there, its type, and what a request has in it.
struct Given<R>(&'static str, &'static str, fn(&R) -> Value);

const WANTED: [Given<ClaimRequest>; 6] = [
    Given("w_account", "uuid", |claim| claim.account.into()),
    Given("w_tenant", "uuid", |claim| claim.tenant.into()),
    Given("w_lease", "uuid", |claim| claim.lease.id.into()),
    Given("w_now", "timestamptz", |claim| claim.now.into()),
    Given("w_until", "timestamptz", |claim| claim.lease.until.into()),
    Given("w_due", "timestamptz", |claim| claim.due_at.into()),
];

const ENDED: [Given<Unchanged>; 8] = [
    Given("e_account", "uuid", |end| end.account.into()),
    Given("e_tenant", "uuid", |end| end.tenant.into()),
    Given("e_lease", "uuid", |end| end.lease.into()),
    Given("e_synced", "timestamptz", |end| end.synced_at.into()),
    Given("e_next", "timestamptz", |end| end.next_sync_at.into()),
    Given("e_calls", "integer", |end| end.calls_counted.into()),
    Given("e_calls_at", "timestamptz", |end| end.calls_counted_at.into()),
    Given("e_blocked", "timestamptz", |end| end.blocked_until.into()),
];

/// Gives accounts to runs; none when another has it, or there is nothing to do.
pub(crate) fn takes(database: Database) -> QueryBatcher<ClaimRequest, Option<ClaimedAccount>> {
    QueryBatcher::new(move |wanted| take(database.clone(), wanted))
}

/// Ends turns; false when the run did not hold its account any more.
pub(crate) fn ends(database: Database) -> QueryBatcher<Unchanged, bool> {
    QueryBatcher::new(move |ended| end(database.clone(), ended))
}

/// Runs a statement over a table `given` that holds a row for each request.
async fn query<R, const N: usize>(
    database: &Database,
    columns: &[Given<R>; N],
    requests: &[R],
    sql: &str,
) -> Result<Vec<QueryResult>, DbErr> {
    let connection = database.connection();
    let names = columns.each_ref().map(|Given(name, ..)| *name).join(", ");
    let types = columns.each_ref().map(|Given(_, kind, _)| *kind);
    let rows = requests
        .iter()
        .map(|request| columns.each_ref().map(|Given(.., value)| value(request)));
    let with_values = |values| format!("with given ({names}) as (values {values}) {sql}");
    let statement = statement_over(connection.get_database_backend(), types, rows, with_values);
    connection.query_all_raw(statement).await
}

/// A tick's claim has no holder and keeps no run off; a run's lease does, until it ends. Whoever comes with the due
/// time of a turn that has moved on comes too late.
async fn take(database: Database, wanted: Vec<ClaimRequest>) -> Result<Vec<Option<ClaimedAccount>>, DbErr> {
    let sql = format!(
        "update account set sync_lease_id = w_lease, sync_lease_until = w_until from given
        where id = w_account and tenant_id = w_tenant and status in ('active', 'needs_attention')
            and (sync_lease_id is null or sync_lease_until <= w_now)
            and (w_due is null or next_sync_at <= w_due)
        returning {}",
        columns()
    );
    let rows = query(&database, &WANTED, &wanted, &sql).await?;
    let accounts = rows
        .iter()
        .map(|row| account::Model::from_query_result(row, ""))
        .collect::<Result<Vec<_>, _>>()?;
    let mut tokens = tokens(&database, &accounts).await?;
    let mut taken: HashMap<LeaseId, ClaimedAccount> = accounts
        .into_iter()
        .filter_map(|account| {
            let token = tokens.remove(&account.id)?;
            Some((account.sync_lease_id?, (account, token)))
        })
        .collect();
    // By lease and not by account: two runs may ask for one account at once, and one of them has it.
    Ok(wanted.iter().map(|claim| taken.remove(&claim.lease.id)).collect())
}

/// Across tenants, because the runs of a process are: each account was named with its tenant before.
async fn tokens(
    database: &Database,
    accounts: &[account::Model],
) -> Result<HashMap<AccountId, account_token::Model>, DbErr> {
    if accounts.is_empty() {
        return Ok(HashMap::new());
    }
    let found = account_token::Entity::across_tenants()
        .filter(account_token::Column::AccountId.is_in(accounts.iter().map(|account| account.id)))
        .all(database.connection())
        .await?;
    Ok(found.into_iter().map(|token| (token.account_id, token)).collect())
}

async fn end(database: Database, ended: Vec<Unchanged>) -> Result<Vec<bool>, DbErr> {
    let sql = "update account set synced_at = e_synced, next_sync_at = e_next, sync_error = null,
            sync_failures = 0, blocked_until = e_blocked,
            calls_counted = coalesce(e_calls, calls_counted),
            calls_counted_at = coalesce(e_calls_at, calls_counted_at),
            sync_lease_id = null, sync_lease_until = null
        from given
        where id = e_account and tenant_id = e_tenant and sync_lease_id = e_lease
            and status in ('active', 'needs_attention')
        returning id";
    let mut written = HashSet::new();
    for row in query(&database, &ENDED, &ended, sql).await? {
        written.insert(row.try_get::<AccountId>("", "id")?);
    }
    Ok(ended.iter().map(|end| written.contains(&end.account)).collect())
}

fn columns() -> String {
    let names: Vec<&str> = account::Column::iter().map(|column| column.as_str()).collect();
    names.join(", ")
}
