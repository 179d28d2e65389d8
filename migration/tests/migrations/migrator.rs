//! Up, down, and who may do so at once.

use crate::{
    database::{TestDatabase, on_both_engines},
    schema::{schema, tables},
};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DatabaseConnection, EntityTrait};
use sea_orm_migration::{MigratorTrait, seaql_migrations};
use vitrine_migration::{Migrator, Standing, migrate, rollback};

on_both_engines!(
    up_down_and_up_again_leave_the_same_schema,
    asking_what_is_pending_creates_nothing,
    a_failure_leaves_the_schema_as_it_was,
    migrations_of_a_newer_version_are_nobodys_to_touch,
    an_older_program_learns_whether_it_may_work_with_a_newer_schema,
    processes_that_start_together_migrate_once,
);

/// A migration that this program does not know.
const NEWER: &str = "m29991231_000001_newer";

fn names() -> Vec<String> {
    let migrations = Migrator::migrations();
    migrations
        .iter()
        .map(|migration| migration.name().to_owned())
        .collect()
}

async fn pending(db: &DatabaseConnection) -> Vec<String> {
    Standing::read(db).await.unwrap().pending
}

async fn up_down_and_up_again_leave_the_same_schema(database: TestDatabase) {
    let db = &database.db;

    assert_eq!(migrate(db).await.unwrap(), names().len());
    let first = schema(db).await;
    for name in names().into_iter().rev() {
        assert_eq!(rollback(db).await.unwrap(), Some(name));
    }
    assert_eq!(rollback(db).await.unwrap(), None);
    assert_eq!(tables(db).await, ["seaql_migrations"]);
    assert_eq!(pending(db).await, names());
    assert_eq!(migrate(db).await.unwrap(), names().len());

    assert_eq!(schema(db).await, first);
    assert_eq!(migrate(db).await.unwrap(), 0);
}

async fn asking_what_is_pending_creates_nothing(database: TestDatabase) {
    let db = &database.db;

    assert_eq!(pending(db).await, names());
    assert_eq!(tables(db).await, [] as [&str; 0]);
    migrate(db).await.unwrap();

    assert_eq!(pending(db).await, [] as [&str; 0]);
}

async fn a_failure_leaves_the_schema_as_it_was(database: TestDatabase) {
    let db = &database.db;
    db.execute_unprepared("create table outbox (in_the_way integer)")
        .await
        .unwrap();

    assert!(migrate(db).await.is_err());

    assert_eq!(tables(db).await, ["outbox"]);
}

/// Does what a newer version of the program does to a database.
async fn migrate_as_newer(db: &DatabaseConnection, companions_know: &str) {
    let newer = seaql_migrations::ActiveModel {
        version: Set(NEWER.to_owned()),
        applied_at: Set(0),
    };
    seaql_migrations::Entity::insert(newer).exec(db).await.unwrap();
    let sql = format!("update installation set value = '{companions_know}' where name = 'companions_know'");
    assert_eq!(db.execute_unprepared(&sql).await.unwrap().rows_affected(), 1);
}

async fn migrations_of_a_newer_version_are_nobodys_to_touch(database: TestDatabase) {
    let db = &database.migrated().await.db;
    let before = schema(db).await;
    migrate_as_newer(db, NEWER).await;

    assert_eq!(pending(db).await, [] as [&str; 0]);
    assert_eq!(migrate(db).await.unwrap(), 0);
    assert!(rollback(db).await.is_err());

    assert_eq!(schema(db).await, before);
    assert_eq!(
        Standing::read(db).await.unwrap().must_know.as_deref(),
        Some(NEWER)
    );
}

async fn an_older_program_learns_whether_it_may_work_with_a_newer_schema(database: TestDatabase) {
    let db = &database.migrated().await.db;
    let own = Standing::read(db).await.unwrap();
    assert_eq!((own.newer, own.must_know), (vec![], None));

    let newest = names().pop().unwrap();
    migrate_as_newer(db, &newest).await;
    let beside = Standing::read(db).await.unwrap();
    assert_eq!((beside.newer, beside.must_know), (vec![NEWER.to_owned()], None));
}

async fn processes_that_start_together_migrate_once(database: TestDatabase) {
    let processes = [
        database.connect_again().await,
        database.connect_again().await,
        database.connect_again().await,
    ];

    assert_eq!(migrate_together(&processes).await, names().len());
    for _ in 0..5 {
        rollback(&database.db).await.unwrap();
        assert_eq!(migrate_together(&processes).await, 1);
    }
}

/// How many migrations all of them applied.
async fn migrate_together(processes: &[DatabaseConnection; 3]) -> usize {
    let [first, second, third] = processes;
    let (first, second, third) = tokio::join!(migrate(first), migrate(second), migrate(third));
    first.unwrap() + second.unwrap() + third.unwrap()
}
