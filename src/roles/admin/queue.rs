//! `vitrine admin queue`.

use chrono::{DateTime, Utc};
use clap::{ArgGroup, Args, Subcommand};
use serde::Serialize;
use vitrine_accounts::jobs::{Job, JobClass};
use vitrine_queue::{ClassName, DeadLetter, DeadSelection, JobId, Queue, QueueError};

use super::table::{Table, show};
use crate::background_tasks::BackgroundTasks;
use crate::config::Settings;
use crate::failure::Failure;
use crate::print;
use crate::wiring::shared_queue;

/// What to do with the queue.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub(crate) enum QueueCommand {
    /// Count waiting, running and dead jobs, by class
    Show {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// List dead letters, the newest first
    Dead {
        /// refresh, interactive or sync; every class if not given
        #[arg(value_parser = class)]
        class: Option<Class>,
        /// List this many of each class
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..))]
        limit: u16,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Retry dead letters, with all attempts again
    Redrive(Selection),
    /// Remove dead letters for good
    Discard(Selection),
    /// Stop handing out jobs of a class, in every worker; running jobs finish
    Pause {
        /// refresh, interactive or sync
        #[arg(value_parser = class)]
        class: Class,
    },
    /// Hand out jobs of a class again
    Resume {
        /// refresh, interactive or sync
        #[arg(value_parser = class)]
        class: Class,
    },
}

/// Which dead letters.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
#[command(group(ArgGroup::new("which").required(true).args(["ids", "all"])))]
pub(crate) struct Selection {
    /// refresh, interactive or sync
    #[arg(value_parser = class)]
    class: Class,
    /// IDs, as `dead` lists them
    ids: Vec<String>,
    /// All of the class
    #[arg(long)]
    all: bool,
}

impl Selection {
    /// All letters, or those with these ids.
    fn of<'i>(&self, ids: &'i [JobId]) -> DeadSelection<'i> {
        if self.all {
            DeadSelection::All
        } else {
            DeadSelection::Ids(ids)
        }
    }

    fn ids(&self) -> Vec<JobId> {
        self.ids.iter().map(|id| JobId::from(id.as_str())).collect()
    }
}

/// A class, named on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Class(JobClass);

impl Class {
    fn name(self) -> ClassName {
        ClassName::new(self.0.as_str())
    }
}

fn class(text: &str) -> Result<Class, String> {
    let known = JobClass::ALL.into_iter().find(|class| class.as_str() == text);
    known
        .map(Class)
        .ok_or_else(|| "there is no such class; the classes are refresh, interactive and sync".to_owned())
}

/// What is shown of a class.
#[derive(Serialize)]
struct ClassView {
    class: &'static str,
    paused: bool,
    ready: u64,
    delayed: u64,
    leased: u64,
    dead: u64,
    oldest_ready_seconds: Option<u64>,
}

/// What is shown of a dead letter: what it was about, and never what it carried.
#[derive(Serialize)]
struct DeadView {
    id: String,
    class: &'static str,
    kind: &'static str,
    tenant: String,
    attempts: u32,
    reason: String,
    died_at: DateTime<Utc>,
}

/// Does one thing and prints what came of it.
///
/// # Errors
/// When there is no shared queue, or it does not answer.
pub(super) async fn run(
    settings: &Settings,
    command: QueueCommand,
    tasks: &BackgroundTasks,
) -> Result<(), Failure> {
    let queue = shared(settings, tasks)?;
    let done = match command {
        QueueCommand::Show { json } => counts(&queue, json).await,
        QueueCommand::Dead { class, limit, json } => dead(&queue, class, limit.into(), json).await,
        QueueCommand::Redrive(which) => redrive(&queue, &which).await,
        QueueCommand::Discard(which) => discard(&queue, &which).await,
        QueueCommand::Pause { class } => set_paused(&queue, class, true).await,
        QueueCommand::Resume { class } => set_paused(&queue, class, false).await,
    };
    queue.close();
    done
}

fn shared(settings: &Settings, tasks: &BackgroundTasks) -> Result<Queue, Failure> {
    match &settings.redis.url {
        Some(url) => shared_queue(url, &settings.redis.prefix, tasks),
        None => Err(Failure::configuration(
            "redis.url is not set: a queue inside another process cannot be reached from here",
        )),
    }
}

fn away(error: QueueError) -> Failure {
    Failure::because("the queue refused", &error)
}

async fn counts(queue: &Queue, json: bool) -> Result<(), Failure> {
    let mut views = Vec::new();
    for class in JobClass::ALL {
        let name = Class(class).name();
        let stats = queue.stats(&name).await.map_err(away)?;
        views.push(ClassView {
            class: class.as_str(),
            paused: queue.is_paused(&name).await.map_err(away)?,
            ready: stats.ready,
            delayed: stats.delayed,
            leased: stats.leased,
            dead: stats.dead,
            oldest_ready_seconds: stats.oldest_ready_age.map(|age| age.as_secs()),
        });
    }
    show(json, &views, || {
        let mut table = Table::new([
            "CLASS",
            "STATE",
            "READY",
            "DELAYED",
            "LEASED",
            "DEAD",
            "OLDEST READY",
        ]);
        for view in &views {
            table.row([
                view.class.to_owned(),
                if view.paused { "paused" } else { "running" }.to_owned(),
                view.ready.to_string(),
                view.delayed.to_string(),
                view.leased.to_string(),
                view.dead.to_string(),
                view.oldest_ready_seconds
                    .map_or("-".to_owned(), |seconds| format!("{seconds}s")),
            ]);
        }
        table.text()
    })
}

async fn dead(queue: &Queue, class: Option<Class>, limit: usize, json: bool) -> Result<(), Failure> {
    let classes: Vec<JobClass> = match class {
        Some(Class(class)) => vec![class],
        None => JobClass::ALL.to_vec(),
    };
    let mut views = Vec::new();
    for class in classes {
        let letters = queue.dead(&Class(class).name(), limit).await.map_err(away)?;
        views.extend(letters.into_iter().map(|letter| dead_view(class, letter)));
    }
    show(json, &views, || {
        if views.is_empty() {
            return "no dead letters\n".to_owned();
        }
        let mut table = Table::new(["ID", "CLASS", "KIND", "TENANT", "ATTEMPTS", "DIED", "REASON"]);
        for view in &views {
            table.row([
                view.id.clone(),
                view.class.to_owned(),
                view.kind.to_owned(),
                view.tenant.clone(),
                view.attempts.to_string(),
                view.died_at.format("%Y-%m-%d %H:%M:%SZ").to_string(),
                view.reason.clone(),
            ]);
        }
        table.text()
    })
}

fn dead_view(class: JobClass, letter: DeadLetter) -> DeadView {
    let kind = match Job::decode(&letter.payload) {
        Ok(Job::SyncMedia(_)) => "sync_media",
        Ok(Job::RefreshToken(_)) => "refresh_token",
        Err(_) => "unreadable",
    };
    DeadView {
        id: letter.id.to_string(),
        class: class.as_str(),
        kind,
        tenant: letter.group.to_string(),
        attempts: letter.attempts,
        reason: letter.reason,
        died_at: letter.died_at.into(),
    }
}

async fn redrive(queue: &Queue, which: &Selection) -> Result<(), Failure> {
    let ids = which.ids();
    let done = queue
        .redrive(&which.class.name(), which.of(&ids))
        .await
        .map_err(away)?;
    print(&format!("dead letters to be retried: {done}\n"))
}

async fn discard(queue: &Queue, which: &Selection) -> Result<(), Failure> {
    let ids = which.ids();
    let done = queue
        .discard_dead(&which.class.name(), which.of(&ids))
        .await
        .map_err(away)?;
    print(&format!("dead letters removed: {done}\n"))
}

async fn set_paused(queue: &Queue, class: Class, paused: bool) -> Result<(), Failure> {
    let name = class.name();
    match paused {
        true => queue.pause(&name).await,
        false => queue.resume(&name).await,
    }
    .map_err(away)?;
    let state = if paused { "paused" } else { "resumed" };
    print(&format!("class {name} is {state}\n"))
}
