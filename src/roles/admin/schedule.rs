//! `vitrine admin schedule`.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use serde::Serialize;
use vitrine_accounts::{PauseError, PauseScope, Pauses, Schedule};
use vitrine_entity::TenantId;

use super::table::{Table, moment, show};
use crate::background_tasks::BackgroundTasks;
use crate::clocks::clock;
use crate::config::Settings;
use crate::failure::Failure;
use crate::print;
use crate::wiring::{cadence, check_migrations, connect_database};

/// Due rows that are counted in each line.
const COUNTED: u32 = 100_000;

/// What to do with the schedule.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub(crate) enum ScheduleCommand {
    /// Stop handing out the work of one tenant or, without --tenant, all work; running jobs finish
    Pause(Scope),
    /// Resume paused work
    Resume(Scope),
    /// Show what is paused and what is due
    Show {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// Whose schedule.
#[derive(Args, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scope {
    /// ID of a tenant; everybody if not given
    #[arg(long, value_name = "ID", value_parser = tenant_id)]
    tenant: Option<TenantId>,
}

pub(super) fn tenant_id(text: &str) -> Result<TenantId, String> {
    text.parse()
        .map(TenantId)
        .map_err(|_| "it must be the id of a tenant, such as 0198c5e2-7d3a-7000-8000-000000000000".to_owned())
}

impl Scope {
    fn pauses(self) -> PauseScope {
        self.tenant.map_or(PauseScope::Everything, PauseScope::Tenant)
    }

    fn name(self) -> String {
        match self.tenant {
            Some(tenant) => format!("the schedule of tenant {tenant}"),
            None => "the whole schedule".to_owned(),
        }
    }
}

/// What is shown.
#[derive(Serialize)]
struct ScheduleView {
    paused_since: Option<DateTime<Utc>>,
    paused_tenants: Vec<TenantPauseView>,
    due: Vec<DueView>,
}

#[derive(Serialize)]
struct TenantPauseView {
    id: TenantId,
    name: String,
    paused_since: Option<DateTime<Utc>>,
}

#[derive(Serialize)]
struct DueView {
    class: &'static str,
    rows: u64,
    /// Whether more are due than were counted.
    more: bool,
    oldest_due_at: Option<DateTime<Utc>>,
}

/// Does one thing and prints what came of it.
///
/// # Errors
/// When the database does not answer or lacks migrations, or there is no such tenant.
pub(super) async fn run(
    settings: &Settings,
    command: ScheduleCommand,
    tasks: &BackgroundTasks,
) -> Result<(), Failure> {
    let database = connect_database(settings).await?;
    check_migrations(&database).await?;
    let clock = clock(settings, tasks).await?;
    let cadence = cadence(settings);
    let pauses = Pauses::new(database.clone(), Arc::clone(&clock), cadence);
    match command {
        ScheduleCommand::Pause(scope) => {
            pauses.pause(scope.pauses()).await.map_err(refused)?;
            print(&format!("{} is paused\n", scope.name()))
        }
        ScheduleCommand::Resume(scope) => {
            pauses.resume(scope.pauses()).await.map_err(refused)?;
            print(&format!("{} is resumed\n", scope.name()))
        }
        ScheduleCommand::Show { json } => {
            let schedule = Schedule::new(database, clock, cadence);
            let view = view(&pauses, &schedule).await?;
            show(json, &view, || text(&view))
        }
    }
}

fn refused(error: PauseError) -> Failure {
    match error {
        PauseError::NoSuchTenant => Failure::start("there is no tenant with this id"),
        PauseError::Database(error) => Failure::because("the pause was not saved", &error),
    }
}

async fn view(pauses: &Pauses, schedule: &Schedule) -> Result<ScheduleView, Failure> {
    let unreadable = |error| Failure::because("cannot read the schedule", &error);
    let paused = pauses.list().await.map_err(unreadable)?;
    let due = schedule.due(COUNTED).await.map_err(unreadable)?;
    Ok(ScheduleView {
        paused_since: paused.everything_since,
        paused_tenants: paused
            .tenants
            .into_iter()
            .map(|tenant| TenantPauseView {
                id: tenant.id,
                name: tenant.name,
                paused_since: tenant.paused_at,
            })
            .collect(),
        due: due
            .into_iter()
            .map(|due| DueView {
                class: due.class.as_str(),
                rows: due.rows,
                more: due.rows >= u64::from(COUNTED),
                oldest_due_at: due.oldest,
            })
            .collect(),
    })
}

fn text(view: &ScheduleView) -> String {
    let state = match view.paused_since {
        Some(since) => format!("paused since {}", moment(Some(since))),
        None => "running".to_owned(),
    };
    let mut due = Table::new(["CLASS", "DUE", "OLDEST DUE"]);
    for line in &view.due {
        let rows = format!("{}{}", line.rows, if line.more { " or more" } else { "" });
        due.row([line.class.to_owned(), rows, moment(line.oldest_due_at)]);
    }
    let mut tenants = Table::new(["PAUSED TENANT", "NAME", "SINCE"]);
    for tenant in &view.paused_tenants {
        tenants.row([
            tenant.id.to_string(),
            tenant.name.clone(),
            moment(tenant.paused_since),
        ]);
    }
    let tenants = match view.paused_tenants.is_empty() {
        true => "no tenant is paused separately\n".to_owned(),
        false => tenants.text(),
    };
    format!("schedule: {state}\n\n{}\n{tenants}", due.text())
}
