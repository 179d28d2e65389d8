//! What a process can be.

pub(crate) mod admin;
pub(crate) mod api;
pub(crate) mod healthcheck;
mod listening;
pub(crate) mod migrate;
pub(crate) mod simulator;
pub(crate) mod up;
mod welcome;
pub(crate) mod worker;

use vitrine_base::security::MasterKey;
use vitrine_instagram::ClientSettings;

use crate::background_tasks::BackgroundTasks;
use crate::clocks::clock;
use crate::config::Settings;
use crate::demo;
use crate::failure::Failure;
use crate::wiring::{Engines, Parts, Services};

/// The rules for a process that is one of several: everything must be there already.
async fn distributed_services(settings: &Settings, tasks: BackgroundTasks) -> Result<Services, Failure> {
    let (master, instagram) = distributed_secrets(settings)?;
    warn_alone(settings);
    let engines = Engines::connect(settings, &tasks).await?;
    engines.check_migrations().await?;
    let clock = clock(settings, &tasks).await?;
    let masters = settings.master_keys(master);
    let ring = engines.keys(masters, clock.clone(), &tasks).await?;
    let public_url = settings.public_url()?;
    demo::warn_of_leftover(settings, &engines.database, &clock).await?;
    Services::new(
        settings,
        Parts {
            engines,
            clock,
            master: ring.lasting(),
            ring,
            instagram,
            public_url,
            tasks,
            alone: false,
        },
    )
}

fn warn_alone(settings: &Settings) {
    if settings.redis.url.is_none() {
        tracing::warn!(
            "redis.url is not set: call budgets and the queue are not shared, so every process counts Instagram's \
             calls for itself, and what a person asks for waits up to a minute; set it if api and worker \
             run separately"
        );
    }
}

fn distributed_secrets(settings: &Settings) -> Result<(MasterKey, ClientSettings), Failure> {
    settings.check_distributed()?;
    match (settings.security.master_key.clone(), settings.instagram_client()) {
        (Some(master), Some(instagram)) => Ok((master, instagram)),
        _ => Err(Failure::configuration(
            "security.master_key or the Instagram credentials are missing",
        )),
    }
}
