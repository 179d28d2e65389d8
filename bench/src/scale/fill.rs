//! A database as it is after many owners have connected their accounts, made by the server itself.

use super::ScaleArguments;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement, Value};
use vitrine_base::{
    clock::{Clock, TestClock},
    database::Database,
};

/// Ids that grow like those that the product makes.
const TENANT_ID: &str = "('00000000-0000-7000-8000-' || lpad(to_hex($T), 12, '0'))::uuid";
const ACCOUNT_ID: &str = "('00000000-0000-7000-9000-' || lpad(to_hex($A), 12, '0'))::uuid";

/// Tenants, accounts and tokens; no account is due, and all are over the next three hours.
pub(super) async fn fill(
    database: &Database,
    sizes: &ScaleArguments,
    clock: &TestClock,
) -> anyhow::Result<()> {
    let now: Value = clock.now().into();
    let connection = database.driver();
    let (tenants, accounts) = (sizes.tenants.max(1), sizes.accounts);
    run(connection, &tenant_rows(tenants), vec![now.clone()]).await?;
    run(connection, &account_rows(accounts, tenants), vec![now.clone()]).await?;
    run(connection, &token_rows(accounts, tenants), vec![now]).await?;
    connection.execute_unprepared("vacuum analyze").await?;
    connection.execute_unprepared("checkpoint").await?;
    Ok(())
}

fn tenant_rows(tenants: u64) -> String {
    format!(
        "insert into tenant (id, name, allowed_origins, created_at, updated_at)
         select {}, 'Site ' || n, '[]', $1::timestamptz, $1::timestamptz from generate_series(0, {tenants} - 1) n",
        TENANT_ID.replace("$T", "n")
    )
}

fn account_rows(accounts: u64, tenants: u64) -> String {
    format!(
        "insert into account (id, tenant_id, platform_user_id, app_scoped_id, username, account_type, status,
             next_sync_at, synced_at, listed_at, sync_failures, media_digest, links_expire_at, created_at, updated_at)
         select {}, {}, (17841400000000000 + n)::text, (9000000000000000 + n)::text, 'account.' || n, 'BUSINESS',
             'active', $1::timestamptz + interval '1 second' + random() * interval '3 hours',
             $1::timestamptz - random() * interval '3 hours', $1::timestamptz - random() * interval '7 days', 0,
             left(md5(n::text), 32), $1::timestamptz + interval '3 days', $1::timestamptz, $1::timestamptz
         from generate_series(0, {accounts} - 1) n",
        ACCOUNT_ID.replace("$A", "n"),
        TENANT_ID.replace("$T", &format!("n % {tenants}")),
    )
}

fn token_rows(accounts: u64, tenants: u64) -> String {
    format!(
        "insert into account_token (account_id, tenant_id, ciphertext, key_id, issued_at, expires_at, expiry_assumed,
             next_refresh_at, failures)
         select {}, {}, decode(repeat(md5(n::text), 7), 'hex'), 'abcdef012345', $1::timestamptz,
             $1::timestamptz + interval '60 days', false,
             $1::timestamptz + interval '1 second' + random() * interval '7 days', 0
         from generate_series(0, {accounts} - 1) n",
        ACCOUNT_ID.replace("$A", "n"),
        TENANT_ID.replace("$T", &format!("n % {tenants}")),
    )
}

/// Makes this many accounts due, scattered over all tenants.
pub(super) async fn make_due(
    database: &Database,
    sizes: &ScaleArguments,
    clock: &TestClock,
) -> anyhow::Result<()> {
    let sql = format!(
        "update account set next_sync_at = $1::timestamptz - random() * interval '1 minute'
         where id in (select {} from (select distinct floor(random() * {})::bigint n
                      from generate_series(1, {})) chosen)",
        ACCOUNT_ID.replace("$A", "n"),
        sizes.accounts,
        sizes.due,
    );
    run(database.driver(), &sql, vec![clock.now().into()]).await
}

/// Ends every turn that was claimed, as the syncs would have: the next is in about three hours.
pub(super) async fn end_turns(database: &Database, clock: &TestClock) -> anyhow::Result<()> {
    let sql = "update account set next_sync_at = $1::timestamptz + interval '2 hours 42 minutes'
                   + random() * interval '18 minutes', synced_at = $1, sync_lease_id = null, sync_lease_until = null
               where next_sync_at <= $1";
    run(database.driver(), sql, vec![clock.now().into()]).await
}

/// Bytes of the whole database.
pub(super) async fn bytes(database: &Database) -> anyhow::Result<f64> {
    let sql = "select pg_database_size(current_database())::float8 as bytes";
    let row = database.driver().query_one_raw(statement(sql, vec![])).await?;
    let row = row.ok_or_else(|| anyhow::anyhow!("no size"))?;
    Ok(row.try_get("", "bytes")?)
}

pub(super) fn statement(sql: &str, values: Vec<Value>) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
}

async fn run(connection: &DatabaseConnection, sql: &str, values: Vec<Value>) -> anyhow::Result<()> {
    connection.execute_raw(statement(sql, values)).await?;
    Ok(())
}
