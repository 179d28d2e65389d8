//! Whether the database has a schema that this version works with.

use sea_orm::DbErr;
use vitrine_base::database::Database;
use vitrine_migration::Standing;

use crate::failure::Failure;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Refuses a database that is behind this version, or too far ahead of it.
///
/// # Errors
/// When it is, or when it does not answer.
pub(crate) async fn check_migrations(database: &Database) -> Result<(), Failure> {
    let standing = read(database)
        .await
        .map_err(|error| Failure::because("cannot read the database's migrations", &error))?;
    refuse_too_new(&standing)?;
    warn_of_newer_schema(&standing);
    match standing.pending.len() {
        0 => Ok(()),
        count => Err(Failure::start(format!(
            "the database lacks {count} migrations; run `vitrine migrate`"
        ))),
    }
}

/// Applies what is pending; twice is safe, also at once from several processes. A database that a newer version
/// migrated stays as it is.
///
/// # Errors
/// When the database refuses, or when this version cannot work with it.
pub(crate) async fn migrate(database: &Database) -> Result<(), Failure> {
    let failed = |error| Failure::because("cannot migrate the database", &error);
    let standing = read(database).await.map_err(failed)?;
    refuse_too_new(&standing)?;
    warn_of_newer_schema(&standing);
    let transaction = database.begin_write().await.map_err(failed)?;
    let applied = vitrine_migration::migrate_within(transaction.driver())
        .await
        .map_err(failed)?;
    transaction.commit().await.map_err(failed)?;
    tracing::info!(applied, "the database is up to date");
    Ok(())
}

/// How the database's schema stands to this version.
pub(super) async fn read(database: &Database) -> Result<Standing, DbErr> {
    let transaction = database.begin_read().await?;
    let standing = Standing::read(transaction.driver()).await?;
    transaction.commit().await?;
    Ok(standing)
}

fn refuse_too_new(standing: &Standing) -> Result<(), Failure> {
    match &standing.must_know {
        None => Ok(()),
        Some(migration) => Err(Failure::TooOld(format!(
            "this is Vitrine {VERSION}, and a newer version has changed the database so that {VERSION} cannot work with \
             it (it does not know {migration}): start the newer version, or restore a backup from before"
        ))),
    }
}

fn warn_of_newer_schema(standing: &Standing) {
    if let Some(newest) = standing.newer.last() {
        tracing::info!(
            version = VERSION,
            newest,
            "a newer version migrated the database; this version may run beside it and changes nothing"
        );
    }
}
