//! `vitrine admin end-sessions`.

use clap::Args;
use vitrine_people::identity::{SessionAdmin, SessionScope};

use crate::background_tasks::BackgroundTasks;
use crate::clocks::clock;
use crate::config::Settings;
use crate::failure::Failure;
use crate::print;
use crate::wiring::{check_migrations, connect_database};

/// Whose sign-ins to end.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
#[group(required = true, multiple = false)]
pub(crate) struct EndSessionsArguments {
    /// The sessions of the person with this email address
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// The sessions of everybody
    #[arg(long)]
    all: bool,
}

/// Ends them and prints how many.
///
/// # Errors
/// When the database does not answer or lacks migrations, or nobody has the address.
pub(super) async fn run(
    settings: &Settings,
    arguments: EndSessionsArguments,
    tasks: &BackgroundTasks,
) -> Result<(), Failure> {
    let database = connect_database(settings).await?;
    check_migrations(&database).await?;
    let clock = clock(settings, tasks).await?;
    let whose = arguments.email.map_or(SessionScope::Everybodys, SessionScope::Of);
    let ended = SessionAdmin::new(database, clock).end(&whose).await;
    let ended = ended.map_err(|error| Failure::because("no session was ended", &error))?;
    match ended {
        Some(ended) => print(&format!("sessions ended: {ended}\n")),
        None => Err(Failure::start("nobody has this email address")),
    }
}
