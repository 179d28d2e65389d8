//! A demo that was made here before the installation had an Instagram app.

use vitrine_base::clock::SharedClock;
use vitrine_base::database::Database;
use vitrine_entity::TenantId;
use vitrine_people::identity::first_owned_by;
use vitrine_tenancy::tenants::{OperatorDeletions, is_deletion_due};

use super::state_file::{self, EMAIL};
use crate::background_tasks::BackgroundTasks;
use crate::clocks::clock;
use crate::config::Settings;
use crate::failure::Failure;
use crate::wiring::{check_migrations, connect_database};

/// The demo's tenant, where one is there.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn leftover(database: &Database) -> Result<Option<TenantId>, Failure> {
    let found = first_owned_by(database, EMAIL).await;
    found.map_err(|error| Failure::because("cannot look for a demo", &error))
}

/// Says it loudly while anything of a demo is still there.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn warn_of_leftover(
    settings: &Settings,
    database: &Database,
    clock: &SharedClock,
) -> Result<(), Failure> {
    let Some(tenant) = leftover(database).await? else {
        return Ok(());
    };
    let ends = is_deletion_due(database, tenant, clock.now()).await;
    if ends.map_err(|error| Failure::because("cannot look for the demo's deletion", &error))? {
        tracing::warn!(
            tenant.id = %tenant,
            "the demo that was created here before is being deleted, and is not gone yet"
        );
    } else {
        tracing::warn!(
            tenant.id = %tenant,
            "a demo was created here before: its site, its login {EMAIL} and its key still work, and its photos come \
             from a simulated Instagram; remove them with `{}`",
            command(settings)
        );
    }
    Ok(())
}

/// Orders the deletion of the demo's tenant, ends its sign-ins and key, and forgets what was kept of it; false
/// when there is none.
///
/// # Errors
/// When the database does not answer or lacks migrations, or the file cannot be removed.
pub(crate) async fn remove(settings: &Settings, tasks: &BackgroundTasks) -> Result<bool, Failure> {
    let failed =
        |error: &(dyn std::error::Error + 'static)| Failure::because("the demo was not removed", error);
    let database = connect_database(settings).await?;
    check_migrations(&database).await?;
    let found = leftover(&database).await?;
    if let Some(tenant) = found {
        let clock = clock(settings, tasks).await?;
        let ordered = OperatorDeletions::new(database, clock)
            .delete_at_once(tenant)
            .await;
        ordered.map_err(|error| failed(&error))?;
    }
    state_file::forget(settings)?;
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
