//! `vitrine admin rotate-master-key`.

use clap::Args;
use vitrine_base::clock::SharedClock;
use vitrine_base::security::{KeyManager, Resealed, Resealer, Rotation, Vault};
use vitrine_entity::Time;

use crate::background_tasks::BackgroundTasks;
use crate::clocks::clock;
use crate::config::Settings;
use crate::failure::Failure;
use crate::print;
use crate::wiring::{check_migrations, connect_database, master_key, unusable_keys};

/// How often the clock is looked at while new keys settle.
const GLANCE: std::time::Duration = std::time::Duration::from_millis(200);

/// What to do about the master key.
#[derive(Args, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RotateArguments {
    /// The last step, once every process runs with the new key: previous keys stop working
    #[arg(long)]
    forget_previous: bool,
}

/// Puts `security.master_key` in the place of `security.previous_master_keys`, and says how it goes.
///
/// # Errors
/// When a key is missing, or the database does not answer or lacks migrations.
pub(super) async fn run(
    settings: &Settings,
    arguments: RotateArguments,
    tasks: &BackgroundTasks,
) -> Result<(), Failure> {
    let Some(current) = master_key::configured_or_kept(settings)? else {
        return Err(Failure::configuration("security.master_key is missing"));
    };
    let id = current.id();
    let database = connect_database(settings).await?;
    check_migrations(&database).await?;
    let clock = clock(settings, tasks).await?;
    let keeper = KeyManager::new(database.clone(), clock.clone(), settings.master_keys(current));
    if !arguments.forget_previous {
        begin(&keeper, &id, &clock).await?;
    }
    let ring = keeper.open().await.map_err(|error| unusable_keys(&error))?;
    reseal(&Resealer::new(database, Vault::new(&ring))).await?;
    if !arguments.forget_previous {
        return print(
            "done; start every process with the new key, and then run `vitrine admin rotate-master-key \
             --forget-previous`\n",
        );
    }
    let forgotten = keeper
        .forget_previous()
        .await
        .map_err(|error| unusable_keys(&error))?;
    print(&format!(
        "done; wrapped keys of previous master keys deleted: {forgotten}\n"
    ))
}

async fn begin(keeper: &KeyManager, id: &str, clock: &SharedClock) -> Result<(), Failure> {
    match keeper.rotate().await.map_err(|error| unusable_keys(&error))? {
        Rotation::Begun(active_from) => {
            print(&format!(
                "the master key {id} is now in use; running processes are reading the new keys\n"
            ))?;
            settle(clock, active_from).await;
            Ok(())
        }
        Rotation::GoesOn => print(&format!("the master key {id} is already in use; continuing\n")),
    }
}

async fn settle(clock: &SharedClock, active_from: Time) {
    while clock.now() < active_from {
        tokio::time::sleep(GLANCE).await;
    }
}

async fn reseal(resealer: &Resealer) -> Result<(), Failure> {
    let told = |done: Resealed| {
        if done.resealed.is_multiple_of(10_000) {
            // Nobody reads along when standard output is closed, and the work goes on.
            let _ = print(&format!("secrets sealed again: {}\n", done.resealed));
        }
    };
    let done = resealer.run(told).await;
    let done = done.map_err(|error| Failure::because("interrupted; run it again to continue", &error))?;
    print(&format!(
        "secrets sealed again: {}, not readable: {}\n",
        done.resealed, done.unreadable
    ))
}
