//! A demo that was made here before the installation had an Instagram app.

use sea_orm::DbErr;
use tokio_util::sync::CancellationToken;
use vitrine_core::database::Database;
use vitrine_core::identity::first_owned_by;
use vitrine_core::tenants::{OperatorDeletions, awaits_deletion};
use vitrine_entity::TenantId;

use super::kept::{self, EMAIL};
use crate::config::Settings;
use crate::failure::Failure;
use crate::roles;
use crate::wiring::{check_migrations, connect_database};

/// Says it loudly when the demo's site, login and key are still there, and nobody has asked for their end.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn warn_of_leftover(settings: &Settings, database: &Database) -> Result<(), Failure> {
    let found = staying(database).await;
    let found = found.map_err(|error| Failure::because("cannot look for a demo", &error))?;
    if let Some(tenant) = found {
        tracing::warn!(
            tenant.id = %tenant,
            "a demo was made here before: its site, its login {EMAIL} and its key still work, and its photos come from \
             a simulated Instagram; remove them with `{}`",
            command(settings)
        );
    }
    Ok(())
}

/// The demo's tenant, unless it waits for its deletion.
async fn staying(database: &Database) -> Result<Option<TenantId>, DbErr> {
    match first_owned_by(database, EMAIL).await? {
        Some(tenant) if !awaits_deletion(database, tenant).await? => Ok(Some(tenant)),
        _ => Ok(None),
    }
}

/// Orders the deletion of the demo's tenant, which ends its login and key, and forgets what was kept of it; false
/// when there is none.
///
/// # Errors
/// When the database does not answer or lacks migrations, or the file cannot be removed.
pub(crate) async fn remove(settings: &Settings) -> Result<bool, Failure> {
    let failed = |error: &dyn std::error::Error| Failure::because("the demo was not removed", error);
    let database = connect_database(settings).await?;
    check_migrations(&database).await?;
    let found = first_owned_by(&database, EMAIL).await;
    let found = found.map_err(|error| failed(&error))?;
    if let Some(tenant) = found {
        let clock = roles::clock(settings, &CancellationToken::new()).await?;
        let ordered = OperatorDeletions::new(database, clock)
            .delete_at_once(tenant)
            .await;
        ordered.map_err(|error| failed(&error))?;
    }
    kept::forget(settings)?;
    Ok(found.is_some())
}

/// What removes the demo of this installation.
fn command(settings: &Settings) -> String {
    let directory = &settings.server.data_dir;
    match *directory == Settings::default().server.data_dir {
        true => "vitrine admin remove-demo".to_owned(),
        false => format!("vitrine admin remove-demo --data-dir '{}'", directory.display()),
    }
}
