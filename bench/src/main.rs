//! Measurements of the built program, from outside, as its users meet it.
//!
//! Run through `./scripts/bench`, which builds what is measured.

mod demo;
mod start;

use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// Measures a built vitrine and prints a table and, as the last line, JSON.
#[derive(Parser)]
struct Arguments {
    /// The program to measure.
    #[arg(long)]
    program: PathBuf,
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
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let _another_provider_was_first = rustls::crypto::ring::default_provider().install_default();
    let arguments = Arguments::parse();
    let program = arguments.program.canonicalize()?;
    match arguments.what {
        What::Start { runs } => start::measure(&program, runs).await,
    }
}
