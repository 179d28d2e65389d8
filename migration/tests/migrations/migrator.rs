//! Up, down, and who may do so at once.

use crate::{
    database::{TestDatabase, on_both_engines},
    schema::{schema, tables},
};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DatabaseConnection, EntityTrait};
use sea_orm_migration::{MigratorTrait, seaql_migrations};
use vitrine_migration::{Migrator, migrate, pending, rollback};

on_both_engines!(
    up_down_and_up_again_leave_the_same_schema,
    asking_what_is_pending_creates_nothing,
    a_failure_leaves_the_schema_as_it_was,
    migrations_of_a_newer_version_are_nobodys_to_touch,
    processes_that_start_together_migrate_once,
);

fn names() -> Vec<String> {
    let migrations = Migrator::migrations();
    migrations
        .iter()
        .map(|migration| migration.name().to_owned())
        .collect()
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
    assert_eq!(pending(db).await.unwrap(), names());
    assert_eq!(migrate(db).await.unwrap(), names().len());

    assert_eq!(schema(db).await, first);
    assert_eq!(migrate(db).await.unwrap(), 0);
}

async fn asking_what_is_pending_creates_nothing(database: TestDatabase) {
    let db = &database.db;

    assert_eq!(pending(db).await.unwrap(), names());
    assert_eq!(tables(db).await, [] as [&str; 0]);
    migrate(db).await.unwrap();

    assert_eq!(pending(db).await.unwrap(), [] as [&str; 0]);
}

async fn a_failure_leaves_the_schema_as_it_was(database: TestDatabase) {
    let db = &database.db;
    db.execute_unprepared("create table outbox (in_the_way integer)")
        .await
        .unwrap();

    assert!(migrate(db).await.is_err());

    assert_eq!(tables(db).await, ["outbox"]);
}

async fn migrations_of_a_newer_version_are_nobodys_to_touch(database: TestDatabase) {
    let db = &database.migrated().await.db;
    let newer = seaql_migrations::ActiveModel {
        version: Set("m29991231_000001_newer".to_owned()),
        applied_at: Set(0),
    };
    seaql_migrations::Entity::insert(newer).exec(db).await.unwrap();

    assert_eq!(pending(db).await.unwrap(), [] as [&str; 0]);
    assert!(migrate(db).await.is_err());
    assert!(rollback(db).await.is_err());
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
