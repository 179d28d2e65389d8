//! Everything in one process.

use std::net::{SocketAddr, TcpListener};

use tokio_util::sync::CancellationToken;
use vitrine_api::ConnectionLimits;
use vitrine_base::security::MasterKey;
use vitrine_people::identity::has_tenant_besides;

use super::welcome::Welcome;
use super::{api, listening, worker};
use crate::background_tasks::BackgroundTasks;
use crate::clocks::clock;
use crate::config::{Settings, warnings};
use crate::data_directory::{DataLock, private_file};
use crate::demo::{self, DemoInstagram};
use crate::failure::Failure;
use crate::metrics::Metrics;
use crate::wiring::{Engines, Parts, Services, master_key};
use crate::{open_files, print};

/// The simulated Instagram, and the address that the API wanted when that is taken.
type MovedDemo<'a> = (&'a DemoInstagram, Option<SocketAddr>);

/// Answers and works until `stop`; makes what is missing: directory, key, tables and, without an Instagram app,
/// a demo.
///
/// # Errors
/// When something cannot be made or reached, or a part fails; the other parts then end as well.
pub(crate) async fn run(mut settings: Settings, stop: CancellationToken) -> Result<(), Failure> {
    settings.check_up()?;
    settings.shutdown.drain.get_or_insert_default();
    let connections = open_files::connection_limits(&settings);
    private_file::make_directory(&settings.server.data_dir)?;
    let _until_the_end = DataLock::take(&settings)?;
    let (listener, moved_from) = match settings.demo_enabled() {
        true => listening::listen_near(&mut settings)?,
        false => (listening::listen(&mut settings)?, None),
    };
    let found = master_key::configured_or_kept(&settings)?;
    let tasks = BackgroundTasks::default();
    let metrics = Metrics::collect(&settings, "up", &tasks)?;
    let engines = Engines::connect(&settings, &tasks).await?;
    engines.migrate().await?;
    let master = master_key::found_or_made(&settings, &engines, found).await?;
    let instagram = match settings.demo_enabled() {
        true => Some(demo::start_instagram(&settings).await?),
        false => None,
    };
    let ran = match services(&settings, engines, master, instagram.as_ref(), &tasks).await {
        Ok(services) => {
            metrics.serve(services.database(), services.probes(), &stop, &tasks);
            let demo = instagram.as_ref().map(|instagram| (instagram, moved_from));
            let ran = run_parts(&settings, &services, (listener, connections), demo, &stop).await;
            services.close().await;
            ran
        }
        Err(failure) => Err(failure),
    };
    match instagram {
        Some(instagram) => ran.and(instagram.stop().await),
        None => ran,
    }
}

async fn services(
    settings: &Settings,
    engines: Engines,
    master: MasterKey,
    demo: Option<&DemoInstagram>,
    tasks: &BackgroundTasks,
) -> Result<Services, Failure> {
    let (instagram, clock) = match (demo, settings.instagram_client()) {
        (Some(demo), _) => (demo.client(), demo.clock()),
        (None, Some(client)) => (client, clock(settings, tasks).await?),
        (None, None) => return Err(Failure::configuration("Instagram credentials are missing")),
    };
    let masters = settings.master_keys(master);
    let ring = engines.keys(masters, clock.clone(), tasks).await?;
    let public_url = settings.public_url()?;
    Services::new(
        settings,
        Parts {
            engines,
            clock,
            master: ring.lasting(),
            ring,
            instagram,
            public_url,
            tasks: tasks.clone(),
            alone: true,
        },
    )
}

/// The end of one part is the end of all.
async fn run_parts(
    settings: &Settings,
    services: &Services,
    (listener, connections): (TcpListener, ConnectionLimits),
    demo: Option<MovedDemo<'_>>,
    stop: &CancellationToken,
) -> Result<(), Failure> {
    let serving = then_stop(
        api::serve(settings, services, listener, connections, stop.clone()),
        stop,
    );
    let working = then_stop(worker::work(settings, services, stop.clone()), stop);
    let greeting = async {
        let greeted = stop
            .run_until_cancelled(greet(settings, services, demo))
            .await
            .unwrap_or(Ok(()));
        if greeted.is_err() {
            stop.cancel();
        }
        greeted
    };
    let (greeted, served, worked) = tokio::join!(greeting, serving, working);
    greeted.and(served).and(worked)
}

async fn then_stop<T>(part: impl Future<Output = T>, stop: &CancellationToken) -> T {
    let ended = part.await;
    stop.cancel();
    ended
}

/// Tells whoever started it by hand where to look.
async fn greet(settings: &Settings, services: &Services, demo: Option<MovedDemo<'_>>) -> Result<(), Failure> {
    match demo {
        Some((instagram, moved_from)) => {
            let demo = demo::prepare(settings, services, instagram).await?;
            print(&demo.moved_from(moved_from).to_string())
        }
        None => welcome(settings, services).await,
    }
}

/// The same with the real Instagram: what is wrong, and what is next.
async fn welcome(settings: &Settings, services: &Services) -> Result<(), Failure> {
    let public_url = &services.parts.public_url;
    warnings::warn_answering(settings, public_url);
    warnings::warn_sending(settings);
    let database = services.database();
    demo::warn_of_leftover(settings, &database, &services.clock()).await?;
    let used = has_tenant_besides(&database, demo::leftover(&database).await?).await;
    let welcome = Welcome {
        public_url,
        is_open: settings.signup.enabled,
        is_used: used.map_err(|error| Failure::because("cannot look for tenants", &error))?,
    };
    print(&welcome.to_string())
}
