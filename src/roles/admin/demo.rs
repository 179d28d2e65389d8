//! `vitrine admin remove-demo`.

use crate::background_tasks::BackgroundTasks;
use crate::config::Settings;
use crate::failure::Failure;
use crate::{demo, print};

/// Removes the demo and says when it will be gone.
///
/// # Errors
/// When the database does not answer or lacks migrations.
pub(super) async fn run(settings: &Settings, tasks: &BackgroundTasks) -> Result<(), Failure> {
    match demo::remove(settings, tasks).await? {
        true => print(
            "The demo's sessions and key have ended. Its site and login are being deleted: within seconds while \
             Vitrine runs, otherwise at its next start.\n",
        ),
        false => print("There is no demo here.\n"),
    }
}
