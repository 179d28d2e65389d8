//! What the engines say about the schema.

use crate::database::TestDatabase;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

const SQLITE_SCHEMA: &str = "
    select type || ' ' || name || ': ' || coalesce(sql, '') from sqlite_master
    order by 1";

const POSTGRES_SCHEMA: &str = "
    select format('column %s.%s: %s %s', table_name, column_name, data_type, is_nullable)
    from information_schema.columns where table_schema = 'public'
    union all
    select format('constraint %s.%s: %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
    from pg_constraint where connamespace = 'public'::regnamespace
    union all
    select format('index %s', indexdef) from pg_indexes where schemaname = 'public'
    order by 1";

const SQLITE_TABLES: &str = "select name from sqlite_master where type = 'table' order by 1";

const POSTGRES_TABLES: &str = "select tablename::text from pg_tables where schemaname = 'public' order by 1";

/// Deleting a parent searches every child for its rows, by all columns of the reference or by its last one,
/// which alone leaves few.
const REFERENCES_WITHOUT_INDEX: &str = "
    select conname::text from pg_constraint
    where contype = 'f' and not exists (
        select from pg_index
        where indrelid = conrelid
          and (indkey[0] = conkey[array_upper(conkey, 1)]
               or (indkey::int2[])[0:array_length(conkey, 1) - 1] @> conkey)
          and (indpred is null or pg_get_expr(indpred, indrelid) like '%IS NOT NULL%')
    )";

/// One line for everything that the schema consists of.
pub(crate) async fn schema(db: &DatabaseConnection) -> Vec<String> {
    let sql = match db.get_database_backend() {
        DbBackend::Sqlite => SQLITE_SCHEMA,
        _ => POSTGRES_SCHEMA,
    };
    lines(db, sql).await
}

/// The names of all tables.
pub(crate) async fn tables(db: &DatabaseConnection) -> Vec<String> {
    let sql = match db.get_database_backend() {
        DbBackend::Sqlite => SQLITE_TABLES,
        _ => POSTGRES_TABLES,
    };
    lines(db, sql).await
}

/// The texts that a query answers with.
pub(crate) async fn lines(db: &DatabaseConnection, sql: &str) -> Vec<String> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(statement).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

/// How the engine would answer a query: a line for every step, with the indexes that it takes.
pub(crate) async fn plan(db: &DatabaseConnection, query: Statement) -> String {
    let (explain, column) = match db.get_database_backend() {
        DbBackend::Sqlite => ("explain query plan", "detail"),
        _ => ("explain", "QUERY PLAN"),
    };
    let statement = Statement {
        sql: format!("{explain} {}", query.sql),
        ..query
    };
    let rows = db.query_all_raw(statement).await.unwrap();
    let steps: Vec<String> = rows.iter().map(|row| row.try_get("", column).unwrap()).collect();
    steps.join("\n")
}

#[tokio::test]
async fn every_reference_has_an_index() {
    let database = TestDatabase::postgres().await.migrated().await;

    let found = lines(&database.db, REFERENCES_WITHOUT_INDEX).await;

    assert_eq!(found, [] as [&str; 0]);
}
