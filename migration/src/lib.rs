//! Database migrations for Postgres and SQLite.
//!
//! The same migrations make the same schema on both engines. A migration is one file, is never changed once
//! it was released, and uses no entity: entities describe today's tables, a migration those of its day.
//!
//! What the schema itself promises:
//! - Rows of a tenant go with the tenant, rows of an account with the account, and so on down.
//! - A row cannot hang on an account, feed or post of another tenant: the references carry the tenant.
//! - One default feed a tenant, one open job of a kind an account.
//! - Every reference and every search for due rows has an index. SQLite prefers an account's index to a
//!   tenant's only when it has statistics (`PRAGMA optimize`).
//!
//! All pending migrations are applied in one transaction, so that a failure leaves the schema as it was. A
//! migration therefore cannot build an index concurrently, nor switch SQLite's foreign keys off.

mod m20261123_000001_tenants_and_people;
mod m20261123_000002_api_keys;
mod m20261123_000003_accounts;
mod m20261123_000004_media;
mod m20261123_000005_feeds;
mod m20261123_000006_jobs;
mod m20261123_000007_records;
mod m20261123_000008_installation;
mod m20261124_000009_pauses;
mod m20261124_000010_room_for_leases;
mod m20261124_000020_calls_and_incidents;
mod m20261124_000030_incident_indexes;
mod m20261124_000040_reels;
mod m20261124_000050_letters;
mod m20261124_000051_links_and_second_factors;
mod m20261124_000060_rotated_keys;
mod m20261124_000061_invitations;
mod m20261124_000065_plans;
mod m20261124_000070_sealing_keys;
mod m20261124_000071_callbacks;
mod m20261124_000080_tasks;
mod m20261124_000085_ended_sessions;
mod m20261124_000086_wrong_codes;
mod m20261125_000090_late_orders;
mod m20261125_000091_whose_letters;
mod m20261201_000100_proved_tokens;
mod m20261201_000110_refreshed_sessions;
mod m20261201_000111_more_limits;
mod m20261201_000112_ended_rows;
mod m20261201_000120_witnesses;
mod m20261201_000150_page_sizes;
mod standing;
mod tables;

pub use standing::Standing;

use sea_orm_migration::{
    MigrationTrait, MigratorTrait,
    async_trait::async_trait,
    sea_orm::{
        ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, SqliteTransactionMode,
        TransactionOptions, TransactionTrait,
    },
};

/// Number of the Postgres advisory lock that a migrating process holds; any other process's own would do.
const MIGRATION_LOCK: i64 = 0x7669_7472_696e_6531;

/// All migrations, oldest first.
#[derive(Debug)]
pub struct Migrator;

#[async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261123_000001_tenants_and_people::Migration),
            Box::new(m20261123_000002_api_keys::Migration),
            Box::new(m20261123_000003_accounts::Migration),
            Box::new(m20261123_000004_media::Migration),
            Box::new(m20261123_000005_feeds::Migration),
            Box::new(m20261123_000006_jobs::Migration),
            Box::new(m20261123_000007_records::Migration),
            Box::new(m20261123_000008_installation::Migration),
            Box::new(m20261124_000009_pauses::Migration),
            Box::new(m20261124_000010_room_for_leases::Migration),
            Box::new(m20261124_000020_calls_and_incidents::Migration),
            Box::new(m20261124_000030_incident_indexes::Migration),
            Box::new(m20261124_000040_reels::Migration),
            Box::new(m20261124_000050_letters::Migration),
            Box::new(m20261124_000051_links_and_second_factors::Migration),
            Box::new(m20261124_000060_rotated_keys::Migration),
            Box::new(m20261124_000061_invitations::Migration),
            Box::new(m20261124_000065_plans::Migration),
            Box::new(m20261124_000070_sealing_keys::Migration),
            Box::new(m20261124_000071_callbacks::Migration),
            Box::new(m20261124_000080_tasks::Migration),
            Box::new(m20261124_000085_ended_sessions::Migration),
            Box::new(m20261124_000086_wrong_codes::Migration),
            Box::new(m20261125_000090_late_orders::Migration),
            Box::new(m20261125_000091_whose_letters::Migration),
            Box::new(m20261201_000100_proved_tokens::Migration),
            Box::new(m20261201_000110_refreshed_sessions::Migration),
            // Older than its number: this list is the order in which they run, and databases have run it as it stands.
            Box::new(m20261201_000150_page_sizes::Migration),
            Box::new(m20261201_000111_more_limits::Migration),
            Box::new(m20261201_000112_ended_rows::Migration),
            Box::new(m20261201_000120_witnesses::Migration),
        ]
    }
}

/// Applies all pending migrations, or none, and says how many it applied.
///
/// Twice is safe, also at the same moment from several processes: one works, the others wait for it and then
/// find nothing to do. SQLite waits no longer than the connection's busy timeout. A database that a newer version of
/// the program migrated stays as it is.
///
/// # Errors
/// When the database refuses, or when it lacks migrations that are older than those of a newer version.
pub async fn migrate(db: &DatabaseConnection) -> Result<usize, DbErr> {
    let transaction = db.begin_with_options(at_once()).await?;
    let applied = migrate_within(&transaction).await?;
    transaction.commit().await?;
    Ok(applied)
}

/// The same within a transaction, which on SQLite is one that writes from its beginning.
///
/// # Errors
/// Those of [`migrate`]; the transaction is then to be taken back.
pub async fn migrate_within(transaction: &DatabaseTransaction) -> Result<usize, DbErr> {
    exclude_others(transaction).await?;
    let standing = Standing::read(transaction).await?;
    if standing.pending.is_empty() && !standing.newer.is_empty() {
        return Ok(0);
    }
    Migrator::up(transaction, None).await?;
    standing::write_down(transaction).await?;
    Ok(standing.pending.len())
}

/// Takes the newest applied migration back, with all rows of the tables that it made, and gives its name;
/// none when there is nothing to take back.
///
/// # Errors
/// When the database refuses, or when a newer version of the program migrated it before.
pub async fn rollback(db: &DatabaseConnection) -> Result<Option<String>, DbErr> {
    let transaction = db.begin_with_options(at_once()).await?;
    exclude_others(&transaction).await?;
    let applied = Migrator::get_applied_migrations(&transaction).await?;
    Migrator::down(&transaction, Some(1)).await?;
    transaction.commit().await?;
    Ok(applied.last().map(|migration| migration.name().to_owned()))
}

/// A transaction that writes from its beginning, so that no other migrating process has one on SQLite.
fn at_once() -> TransactionOptions {
    TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    }
}

/// Waits until no other process migrates; the lock ends with the transaction.
async fn exclude_others(transaction: &DatabaseTransaction) -> Result<(), DbErr> {
    if transaction.get_database_backend() == DbBackend::Postgres {
        let lock = format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})");
        transaction.execute_unprepared(&lock).await?;
    }
    Ok(())
}
