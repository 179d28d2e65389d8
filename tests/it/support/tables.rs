//! What the database holds for a tenant, whatever its tables are.

use super::{Installation, database};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, JsonValue, Statement};
use std::collections::BTreeMap;
use uuid::Uuid;
use vitrine_base::database::Connection;

/// Every table that names the owner of its rows, found in the schema itself.
const TABLES_ON_SQLITE: &str = "select m.name as name from sqlite_master m join pragma_table_info(m.name) c
    where m.type = 'table' and c.name = 'tenant_id' order by m.name";
const TABLES_ON_POSTGRES: &str = "select table_name as name from information_schema.columns
    where table_schema = current_schema() and column_name = 'tenant_id' order by table_name";

/// The rows of a tenant by table, and its own row under `tenant`; tables without any are left out.
pub(crate) async fn rows_of(vitrine: &Installation, tenant: Uuid) -> BTreeMap<String, Vec<String>> {
    let database = database(vitrine).await;
    let connection = database.connection();
    let mut rows = BTreeMap::new();
    for table in tables(connection).await {
        let found = read(
            connection,
            &format!("select * from \"{table}\" where tenant_id = $1"),
            tenant,
        )
        .await;
        rows.insert(table, found);
    }
    let own = read(connection, "select * from tenant where id = $1", tenant).await;
    rows.insert("tenant".to_owned(), own);
    rows.retain(|_, rows| !rows.is_empty());
    rows
}

async fn tables(connection: &Connection) -> Vec<String> {
    let backend = connection.get_database_backend();
    let statement = match backend {
        DbBackend::Sqlite => TABLES_ON_SQLITE,
        _ => TABLES_ON_POSTGRES,
    };
    let rows = connection
        .query_all_raw(Statement::from_string(backend, statement))
        .await
        .unwrap();
    let names: Vec<String> = rows.iter().map(|row| row.try_get("", "name").unwrap()).collect();
    assert!(names.len() > 10, "{names:?}");
    names
}

async fn read(connection: &Connection, statement: &str, tenant: Uuid) -> Vec<String> {
    let backend = connection.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, statement, [tenant.into()]);
    let rows = JsonValue::find_by_statement(statement)
        .all(connection)
        .await
        .unwrap();
    let mut rows: Vec<String> = rows.iter().map(ToString::to_string).collect();
    rows.sort();
    rows
}
