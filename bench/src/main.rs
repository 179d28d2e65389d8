//! Measurements of the built program, from outside, as its users meet it.
//!
//! Run through `./scripts/bench`, which builds what is measured.

mod demo;
mod feed;
mod npm;
mod peer;
mod processes;
mod report;
mod scale;
mod servers;
mod start;
mod worker;

use anyhow::Context;
use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// Measures a built vitrine and prints a table and, as the last line, JSON.
#[derive(Parser)]
struct Arguments {
    /// The program to measure.
    #[arg(long)]
    program: Option<PathBuf>,
    #[command(subcommand)]
    what: What,
}

/// What to measure.
#[derive(Subcommand)]
enum What {
    /// Start to first served feed, and memory of the idle demo
    Start {
        /// Starts that are measured.
        #[arg(long, default_value_t = 5)]
        runs: usize,
    },
    /// Whole syncs, memory of a worker, and the queue alone beside BullMQ
    Worker(worker::WorkerArguments),
    /// Ticks of the schedule on a million accounts
    Scale(scale::ScaleArguments),
    /// Feeds as visitors read them, beside a bare handler, nginx and Node
    Feed(feed::FeedArguments),
    /// Sign-ins at full load, and readers of a warm feed beside them
    SignIn(feed::sign_in::SignInArguments),
    /// A handler that has its answer in its hands
    #[command(hide = true)]
    Bare(feed::rivals::bare::BareArguments),
    /// One measurement of the queue alone
    #[command(hide = true)]
    Peer(peer::PeerArguments),
    /// A simulated Instagram for other measurements
    #[command(hide = true)]
    Simulate {
        /// Accounts on it.
        accounts: usize,
        /// Posts of each.
        media: u32,
    },
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let _another_provider_was_first = rustls::crypto::ring::default_provider().install_default();
    let arguments = Arguments::parse();
    let program = || {
        let named = arguments
            .program
            .as_deref()
            .context("name the program to measure: --program")?;
        anyhow::Ok(named.canonicalize()?)
    };
    match &arguments.what {
        What::Start { runs } => start::measure(&program()?, *runs).await,
        What::Worker(wanted) => worker::measure(&program()?, wanted).await,
        What::Scale(wanted) => scale::measure(wanted).await,
        What::Feed(wanted) => feed::measure(&program()?, wanted).await,
        What::SignIn(wanted) => feed::sign_in::measure(&program()?, wanted).await,
        What::Bare(wanted) => feed::rivals::bare::serve(wanted).await,
        What::Peer(wanted) => peer::run(wanted).await,
        What::Simulate { accounts, media } => worker::simulated::simulate(*accounts, *media).await,
    }
}
