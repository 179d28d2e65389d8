//! `vitrine admin plan`.

use clap::{Args, Subcommand};
use serde::Serialize;
use std::sync::Arc;
use vitrine_entity::{TenantId, plan};
use vitrine_limits::plans::{Limit, PlanChange, PlanError, Plans};

use super::schedule::tenant_id;
use super::table::{Table, show};
use crate::background_tasks::BackgroundTasks;
use crate::clocks::clock;
use crate::config::Settings;
use crate::failure::Failure;
use crate::print;
use crate::wiring::{check_migrations, connect_database};

/// What to do with plans.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub(crate) enum PlanCommand {
    /// Show every plan and what it allows
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Change a plan or create one; what is not named stays, or is as in the default plan
    Set(NewPlan),
    /// Give a tenant another plan; what it already has stays
    Assign {
        /// ID of the tenant
        #[arg(long, value_name = "ID", value_parser = tenant_id)]
        tenant: TenantId,
        /// Name of the plan
        name: String,
    },
    /// Delete a plan that no tenant has
    Remove {
        /// Name of the plan
        name: String,
    },
}

/// A plan as it shall be.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub(crate) struct NewPlan {
    /// Its name: letters, digits, - and _
    name: String,
    /// Most connected accounts
    #[arg(long, value_name = "N")]
    accounts: Option<u32>,
    /// Most feeds
    #[arg(long, value_name = "N")]
    feeds: Option<u32>,
    /// Most working API keys
    #[arg(long, value_name = "N")]
    api_keys: Option<u32>,
    /// Most members
    #[arg(long, value_name = "N")]
    members: Option<u32>,
    /// Most syncs requested in a day
    #[arg(long, value_name = "N")]
    syncs_per_day: Option<u32>,
    /// Most invitations sent in a day
    #[arg(long, value_name = "N")]
    invitations_per_day: Option<u32>,
    /// Most connections started in a day
    #[arg(long, value_name = "N")]
    connections_per_day: Option<u32>,
    /// Most exports written in a day
    #[arg(long, value_name = "N")]
    exports_per_day: Option<u32>,
    /// Most changes that one person or key makes in a day
    #[arg(long, value_name = "N")]
    changes_per_day: Option<u32>,
}

impl NewPlan {
    fn change(&self) -> PlanChange {
        let named = [
            (Limit::Accounts, self.accounts),
            (Limit::Feeds, self.feeds),
            (Limit::ApiKeys, self.api_keys),
            (Limit::Members, self.members),
            (Limit::SyncsPerDay, self.syncs_per_day),
            (Limit::InvitationsPerDay, self.invitations_per_day),
            (Limit::ConnectionsPerDay, self.connections_per_day),
            (Limit::ExportsPerDay, self.exports_per_day),
            (Limit::ChangesPerDay, self.changes_per_day),
        ];
        named
            .into_iter()
            .filter_map(|(limit, most)| Some((limit, most?)))
            .collect()
    }
}

/// A plan as it is shown.
#[derive(Serialize)]
struct PlanView {
    name: String,
    accounts: u32,
    feeds: u32,
    api_keys: u32,
    members: u32,
    syncs_per_day: u32,
    invitations_per_day: u32,
    connections_per_day: u32,
    exports_per_day: u32,
    changes_per_day: u32,
}

impl From<plan::Model> for PlanView {
    fn from(plan: plan::Model) -> Self {
        Self {
            accounts: Limit::Accounts.of(&plan),
            feeds: Limit::Feeds.of(&plan),
            api_keys: Limit::ApiKeys.of(&plan),
            members: Limit::Members.of(&plan),
            syncs_per_day: Limit::SyncsPerDay.of(&plan),
            invitations_per_day: Limit::InvitationsPerDay.of(&plan),
            connections_per_day: Limit::ConnectionsPerDay.of(&plan),
            exports_per_day: Limit::ExportsPerDay.of(&plan),
            changes_per_day: Limit::ChangesPerDay.of(&plan),
            name: plan.name,
        }
    }
}

/// Does one thing and prints what came of it.
///
/// # Errors
/// When the database does not answer or lacks migrations, or the order names something that does not exist.
pub(super) async fn run(
    settings: &Settings,
    command: PlanCommand,
    tasks: &BackgroundTasks,
) -> Result<(), Failure> {
    let database = connect_database(settings).await?;
    check_migrations(&database).await?;
    let clock = clock(settings, tasks).await?;
    let plans = Plans::new(database, Arc::clone(&clock));
    match command {
        PlanCommand::List { json } => {
            let found = plans.list().await;
            let found = found.map_err(|error| Failure::because("cannot read the plans", &error))?;
            let views: Vec<PlanView> = found.into_iter().map(PlanView::from).collect();
            show(json, &views, || text(&views))
        }
        PlanCommand::Set(new) => {
            plans.set(&new.name, &new.change()).await.map_err(refused)?;
            print(&format!("the plan {} is saved\n", new.name))
        }
        PlanCommand::Assign { tenant, name } => {
            plans.assign(tenant, &name).await.map_err(refused)?;
            print(&format!("tenant {tenant} has the plan {name}\n"))
        }
        PlanCommand::Remove { name } => {
            plans.remove(&name).await.map_err(refused)?;
            print(&format!("the plan {name} is deleted\n"))
        }
    }
}

fn refused(error: PlanError) -> Failure {
    match error {
        PlanError::Database(error) => Failure::because("the plan was not saved", &error),
        PlanError::NoSuchPlan | PlanError::NoSuchTenant | PlanError::BadName | PlanError::InUse => {
            Failure::start(error.to_string())
        }
    }
}

fn text(plans: &[PlanView]) -> String {
    let mut table = Table::new([
        "PLAN",
        "ACCOUNTS",
        "FEEDS",
        "API KEYS",
        "MEMBERS",
        "SYNCS A DAY",
        "INVITATIONS A DAY",
        "CONNECTIONS A DAY",
        "EXPORTS A DAY",
        "CHANGES A DAY",
    ]);
    for plan in plans {
        table.row([
            plan.name.clone(),
            plan.accounts.to_string(),
            plan.feeds.to_string(),
            plan.api_keys.to_string(),
            plan.members.to_string(),
            plan.syncs_per_day.to_string(),
            plan.invitations_per_day.to_string(),
            plan.connections_per_day.to_string(),
            plan.exports_per_day.to_string(),
            plan.changes_per_day.to_string(),
        ]);
    }
    table.text()
}
