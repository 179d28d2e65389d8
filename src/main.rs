//! Vitrine: one binary, every role.

mod arguments;
mod config;
mod failure;
mod healthcheck;
mod logging;
mod master_key;
mod metrics;
mod private_file;
mod shutdown;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Arguments, Role};
use crate::config::Settings;
use crate::failure::Failure;

fn main() -> ExitCode {
    // Only fails when a provider is there already, and any will do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => report(&failure),
    }
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    let (role, flags) = arguments.into_parts();
    let settings = Settings::load(&flags)?;
    match role {
        Role::CheckConfig => print(&settings.to_toml()?),
        Role::Healthcheck => runtime()?.block_on(healthcheck::run(&settings)),
        _ => Err(Failure::start("this role is not there yet")),
    }
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

fn report(failure: &Failure) -> ExitCode {
    for line in failure.lines() {
        // Nobody is left to tell when standard error is closed.
        let _ = writeln!(io::stderr(), "vitrine: {line}");
    }
    failure.exit_code()
}
