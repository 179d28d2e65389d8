//! Taking turns and ending unchanged ones, for all runs of a process that do so at the same time.
//!
//! Both engines understand the statements. Each row is named with its tenant, as everywhere.

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, IdenStatic, Iterable, QueryFilter,
    Value,
};
use std::collections::HashMap;
use vitrine_base::database::{Database, QueryBatcher, statement_over};
use vitrine_entity::{AccountId, LeaseId, TenantId, Time, account, account_token};

/// A run that wants an account to itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClaimRequest {
    pub(crate) tenant: TenantId,
    pub(crate) account: AccountId,
    pub(crate) lease: LeaseId,
    pub(crate) now: Time,
    pub(crate) until: Time,
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

/// Gives accounts to runs; none when another has it, or there is nothing to do.
pub(crate) fn takes(database: Database) -> QueryBatcher<ClaimRequest, Option<ClaimedAccount>> {
    QueryBatcher::new(move |wanted: Vec<ClaimRequest>| {
        let database = database.clone();
        async move { take(&database, wanted).await }
    })
}

/// Ends turns; false when the run did not hold its account any more.
pub(crate) fn ends(database: Database) -> QueryBatcher<Unchanged, bool> {
    QueryBatcher::new(move |ended: Vec<Unchanged>| {
        let database = database.clone();
        async move { end(&database, ended).await }
    })
}

async fn take(database: &Database, wanted: Vec<ClaimRequest>) -> Result<Vec<Option<ClaimedAccount>>, DbErr> {
    let connection = database.connection();
    let rows = wanted.iter().map(|take| -> [Value; 6] {
        [
            take.account.into(),
            take.tenant.into(),
            take.lease.into(),
            take.now.into(),
            take.until.into(),
            take.due_at.into(),
        ]
    });
    let sql = |values: String| {
        format!(
            "with wanted (w_account, w_tenant, w_lease, w_now, w_until, w_due) as (values {values})
            update account set sync_lease_id = w_lease, sync_lease_until = w_until from wanted
            where id = w_account and tenant_id = w_tenant and status in ('active', 'needs_attention')
                and (sync_lease_id is null or sync_lease_until <= w_now)
                and (w_due is null or next_sync_at <= w_due)
            returning {}",
            columns()
        )
    };
    let types = [
        "uuid",
        "uuid",
        "uuid",
        "timestamptz",
        "timestamptz",
        "timestamptz",
    ];
    let statement = statement_over(connection.get_database_backend(), types, rows, sql);
    let rows = connection.query_all_raw(statement).await?;
    let accounts = rows
        .iter()
        .map(|row| account::Model::from_query_result(row, ""))
        .collect::<Result<Vec<_>, _>>()?;
    let mut tokens = tokens(database, &accounts).await?;
    let mut taken: HashMap<LeaseId, ClaimedAccount> = accounts
        .into_iter()
        .filter_map(|account| {
            let token = tokens.remove(&account.id)?;
            Some((account.sync_lease_id?, (account, token)))
        })
        .collect();
    Ok(wanted.iter().map(|take| taken.remove(&take.lease)).collect())
}

/// Across tenants, because the runs of a process are: each account was named with its tenant before.
async fn tokens(
    database: &Database,
    accounts: &[account::Model],
) -> Result<HashMap<AccountId, account_token::Model>, DbErr> {
    if accounts.is_empty() {
        return Ok(HashMap::new());
    }
    let found = account_token::Entity::find()
        .filter(account_token::Column::AccountId.is_in(accounts.iter().map(|account| account.id)))
        .all(database.connection())
        .await?;
    Ok(found.into_iter().map(|token| (token.account_id, token)).collect())
}

async fn end(database: &Database, ended: Vec<Unchanged>) -> Result<Vec<bool>, DbErr> {
    let connection = database.connection();
    let rows = ended.iter().map(|end| -> [Value; 8] {
        [
            end.account.into(),
            end.tenant.into(),
            end.lease.into(),
            end.synced_at.into(),
            end.next_sync_at.into(),
            end.calls_counted.into(),
            end.calls_counted_at.into(),
            end.blocked_until.into(),
        ]
    });
    let sql = |values: String| {
        format!(
            "with ended (e_account, e_tenant, e_lease, e_synced, e_next, e_calls, e_calls_at, e_blocked)
                as (values {values})
            update account set synced_at = e_synced, next_sync_at = e_next, sync_error = null,
                sync_failures = 0, blocked_until = e_blocked,
                calls_counted = coalesce(e_calls, calls_counted),
                calls_counted_at = coalesce(e_calls_at, calls_counted_at),
                sync_lease_id = null, sync_lease_until = null
            from ended
            where id = e_account and tenant_id = e_tenant and sync_lease_id = e_lease
                and status in ('active', 'needs_attention')
            returning id"
        )
    };
    let types = [
        "uuid",
        "uuid",
        "uuid",
        "timestamptz",
        "timestamptz",
        "integer",
        "timestamptz",
        "timestamptz",
    ];
    let statement = statement_over(connection.get_database_backend(), types, rows, sql);
    let mut written = std::collections::HashSet::new();
    for row in connection.query_all_raw(statement).await? {
        written.insert(row.try_get::<AccountId>("", "id")?);
    }
    Ok(ended.iter().map(|end| written.contains(&end.account)).collect())
}

fn columns() -> String {
    let names: Vec<&str> = account::Column::iter().map(|column| column.as_str()).collect();
    names.join(", ")
}
