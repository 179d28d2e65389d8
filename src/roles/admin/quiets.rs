//! `vitrine admin quiets`.

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use serde::Serialize;
use vitrine_accounts::{CooldownList, CooldownScope, Cooldowns};
use vitrine_entity::{AccountId, TenantId, account, incident};

use super::table::{Table, moment, show};
use crate::background_tasks::BackgroundTasks;
use crate::clocks::clock;
use crate::config::Settings;
use crate::failure::Failure;
use crate::print;
use crate::wiring::{check_migrations, connect_database};

/// What to do with quiets.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub(crate) enum QuietsCommand {
    /// Show who makes no calls because Instagram asked for a cooldown, and until when
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Make calls again at once; Instagram may ask for a new cooldown
    Lift(LiftTarget),
}

/// Whose quiet to lift.
#[derive(Args, Clone, Copy, Debug, PartialEq, Eq)]
#[group(required = true, multiple = false)]
pub(crate) struct LiftTarget {
    /// The app's cooldown, and an incident of the app
    #[arg(long)]
    app: bool,
    /// The cooldown of the account with this ID
    #[arg(long, value_name = "ID", value_parser = account_id)]
    account: Option<AccountId>,
    /// The app's cooldown and those of all accounts
    #[arg(long)]
    all: bool,
}

impl LiftTarget {
    fn scope(self) -> CooldownScope {
        match self.account {
            Some(account) => CooldownScope::Account(account),
            None if self.all => CooldownScope::Everybody,
            None => CooldownScope::App,
        }
    }
}

fn account_id(text: &str) -> Result<AccountId, String> {
    text.parse()
        .map(AccountId)
        .map_err(|_| "it must be the id of an account, as `list` shows it".to_owned())
}

/// What is shown.
#[derive(Serialize)]
struct QuietsView {
    app: Option<AppView>,
    incident: Option<AppView>,
    accounts: Vec<AccountView>,
}

#[derive(Serialize)]
struct AppView {
    reason: String,
    since: DateTime<Utc>,
    until: DateTime<Utc>,
}

#[derive(Serialize)]
struct AccountView {
    id: AccountId,
    tenant: TenantId,
    username: Option<String>,
    until: Option<DateTime<Utc>>,
}

impl From<incident::Model> for AppView {
    fn from(row: incident::Model) -> Self {
        Self {
            reason: row.reason,
            since: row.opened_at,
            until: row.closed_until,
        }
    }
}

impl From<account::Model> for AccountView {
    fn from(account: account::Model) -> Self {
        Self {
            id: account.id,
            tenant: account.tenant_id,
            username: account.username,
            until: account.blocked_until,
        }
    }
}

impl From<CooldownList> for QuietsView {
    fn from(list: CooldownList) -> Self {
        Self {
            app: list.app.map(AppView::from),
            incident: list.incident.map(AppView::from),
            accounts: list.accounts.into_iter().map(AccountView::from).collect(),
        }
    }
}

/// Does one thing and prints what came of it.
///
/// # Errors
/// When the database does not answer or lacks migrations.
pub(super) async fn run(
    settings: &Settings,
    command: QuietsCommand,
    tasks: &BackgroundTasks,
) -> Result<(), Failure> {
    let database = connect_database(settings).await?;
    check_migrations(&database).await?;
    let clock = clock(settings, tasks).await?;
    let quiets = Cooldowns::new(database, clock);
    match command {
        QuietsCommand::List { json } => {
            let list = quiets.list().await;
            let list = list.map_err(|error| Failure::because("cannot read the cooldowns", &error))?;
            let view = QuietsView::from(list);
            show(json, &view, || text(&view))
        }
        QuietsCommand::Lift(whose) => {
            let lifted = quiets.lift(whose.scope()).await;
            let lifted = lifted.map_err(|error| Failure::because("no cooldown was lifted", &error))?;
            print(&format!("cooldowns lifted: {lifted}\n"))
        }
    }
}

fn text(view: &QuietsView) -> String {
    let mut table = Table::new(["WHO", "REASON", "SINCE", "UNTIL"]);
    for (name, row) in [("app", &view.app), ("app (incident)", &view.incident)] {
        if let Some(row) = row {
            table.row([
                name.to_owned(),
                row.reason.clone(),
                moment(Some(row.since)),
                moment(Some(row.until)),
            ]);
        }
    }
    for account in &view.accounts {
        let name = account.username.as_deref().unwrap_or("-");
        let (who, reason) = (format!("{} {name}", account.id), "throttled_account".to_owned());
        table.row([who, reason, moment(None), moment(account.until)]);
    }
    let nobody = view.app.is_none() && view.incident.is_none() && view.accounts.is_empty();
    if nobody {
        "no cooldowns\n".to_owned()
    } else {
        table.text()
    }
}
