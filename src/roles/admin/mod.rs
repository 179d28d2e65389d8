//! What an operator does by hand: looks, and orders that take effect in running processes.

mod demo;
mod master_key;
mod plan;
mod queue;
mod quiets;
mod schedule;
mod sessions;
mod table;

use clap::Subcommand;

use crate::background_tasks::BackgroundTasks;
use crate::config::Settings;
use crate::failure::Failure;
use master_key::RotateArguments;
use plan::PlanCommand;
use queue::QueueCommand;
use quiets::QuietsCommand;
use schedule::ScheduleCommand;
use sessions::EndSessionsArguments;

/// What to look after.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub(crate) enum AdminCommand {
    /// Plans: limits for tenants
    #[command(subcommand)]
    Plan(PlanCommand),
    /// The queue on Redis: jobs, dead letters, pauses
    #[command(subcommand)]
    Queue(QueueCommand),
    /// Cooldowns that Instagram asked for: list and lift them
    #[command(subcommand)]
    Quiets(QuietsCommand),
    /// The schedule in the database: due work, pauses
    #[command(subcommand)]
    Schedule(ScheduleCommand),
    /// End the sessions of one person or of everybody: their access and refresh tokens stop working
    EndSessions(EndSessionsArguments),
    /// Replace security.previous_master_keys by security.master_key, while everything runs
    RotateMasterKey(RotateArguments),
    /// Delete the site, login and key of a demo that was created before there was an Instagram app
    RemoveDemo,
}

/// Does one thing and prints what came of it.
///
/// # Errors
/// When an engine is not configured or does not answer, or the order names something that does not exist.
pub(crate) async fn run(settings: &Settings, command: AdminCommand) -> Result<(), Failure> {
    let tasks = BackgroundTasks::default();
    let done = obey(settings, command, &tasks).await;
    tasks.end().await;
    done
}

async fn obey(settings: &Settings, command: AdminCommand, tasks: &BackgroundTasks) -> Result<(), Failure> {
    match command {
        AdminCommand::Plan(command) => plan::run(settings, command, tasks).await,
        AdminCommand::Queue(command) => queue::run(settings, command, tasks).await,
        AdminCommand::Quiets(command) => quiets::run(settings, command, tasks).await,
        AdminCommand::Schedule(command) => schedule::run(settings, command, tasks).await,
        AdminCommand::EndSessions(arguments) => sessions::run(settings, arguments, tasks).await,
        AdminCommand::RotateMasterKey(arguments) => master_key::run(settings, arguments, tasks).await,
        AdminCommand::RemoveDemo => demo::run(settings, tasks).await,
    }
}
