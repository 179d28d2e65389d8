//! Vitrine: one binary, every role.

mod arguments;
mod background_tasks;
mod clocks;
mod config;
mod data_directory;
mod demo;
mod failure;
mod logging;
mod metrics;
mod open_files;
mod roles;
mod shutdown;
mod wiring;

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use mimalloc::MiMalloc;

use crate::arguments::{Arguments, Role};
use crate::config::{LogFormat, Settings};
use crate::failure::Failure;

/// Threads that cannot be interrupted, such as those that hash passwords, get this long at the end.
const LAST_BLOCKING_WORK: Duration = Duration::from_millis(500);

/// A warm read and a sync are many small allocations: this allocator spends less on them than the system's.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    // Only fails when a provider is there already, and any will do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (role, flags) = Arguments::parse().into_parts();
    let settings = Settings::load(&flags);
    let chosen = settings.as_ref().map(|settings| settings.logging.format);
    let format = logging::format_at_exit(&role, chosen.ok());
    match settings.and_then(|settings| run(role, settings)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => report(&failure, format),
    }
}

fn run(role: Role, settings: Settings) -> Result<(), Failure> {
    match role {
        Role::CheckConfig => return print(&settings.to_toml()?),
        Role::Healthcheck => return runtime()?.block_on(roles::healthcheck::run(&settings)),
        Role::Admin(command) => return runtime()?.block_on(roles::admin::run(&settings, command)),
        _ => logging::start(settings.logging.format)?,
    }
    open_files::raise_limit();
    let runtime = runtime()?;
    let ended = runtime.block_on(run_role(role, settings));
    runtime.shutdown_timeout(LAST_BLOCKING_WORK);
    ended
}

/// Runs until the role is done or a signal came, and then no longer than the grace.
async fn run_role(role: Role, settings: Settings) -> Result<(), Failure> {
    let stop = shutdown::on_signal()?;
    let drain = match &role {
        Role::Api => settings.drain_time(),
        _ => settings.shutdown.drain.unwrap_or_default(),
    };
    let grace = drain + settings.shutdown.grace;
    let running = async {
        match role {
            Role::Api => roles::api::run(settings, stop.clone()).await,
            Role::Worker => roles::worker::run(&settings, stop.clone()).await,
            Role::Migrate => roles::migrate::run(&settings).await,
            Role::Simulator => roles::simulator::run(&settings, stop.clone()).await,
            Role::Up | Role::CheckConfig | Role::Healthcheck | Role::Admin(_) => {
                roles::up::run(settings, stop.clone()).await
            }
        }
    };
    shutdown::bounded(running, &stop, grace).await.unwrap_or(Ok(()))
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::because("cannot start threads", &error))
}

fn print(text: &str) -> Result<(), Failure> {
    io::stdout()
        .write_all(text.as_bytes())
        .map_err(|error| Failure::because("cannot print", &error))
}

fn report(failure: &Failure, format: LogFormat) -> ExitCode {
    for line in failure.lines() {
        // Nobody is left to tell when standard error is closed.
        let _ = writeln!(io::stderr(), "{}", logging::exit_message(&line, format));
    }
    failure.exit_code()
}
