//! The queues that are compared: ours, and BullMQ where the machine has Node.

use crate::npm;
use anyhow::Context;
use std::path::{Path, PathBuf};
use tokio::process::Command;

/// A program that measures one queue.
pub(super) struct Peer {
    /// Its name in the report.
    pub(super) name: &'static str,
    program: PathBuf,
    arguments: Vec<String>,
}

impl Peer {
    /// Ours.
    pub(super) fn ours() -> anyhow::Result<Self> {
        Ok(Self {
            name: "vitrine",
            program: std::env::current_exe()?,
            arguments: vec!["peer".to_owned()],
        })
    }

    /// BullMQ, installed on the first run; an error says why it is left out.
    pub(super) async fn bullmq(peers: &Path) -> anyhow::Result<Self> {
        let directory = peers.join("bullmq");
        npm::install(&directory, "BullMQ").await?;
        Ok(Self {
            name: "bullmq",
            program: "node".into(),
            arguments: vec![directory.join("peer.mjs").display().to_string()],
        })
    }

    /// Runs one measurement and gives its answer.
    pub(super) async fn measure(
        &self,
        mode: &str,
        redis: &str,
        prefix: &str,
        jobs: usize,
        concurrency: usize,
    ) -> anyhow::Result<serde_json::Value> {
        let answer = Command::new(&self.program)
            .args(&self.arguments)
            .args([mode, redis, prefix, &jobs.to_string(), &concurrency.to_string()])
            .kill_on_drop(true)
            .output()
            .await?;
        let words = String::from_utf8_lossy(&answer.stderr);
        anyhow::ensure!(answer.status.success(), "{} cannot {mode}: {words}", self.name);
        serde_json::from_slice(&answer.stdout)
            .with_context(|| format!("{} does not answer: {words}", self.name))
    }
}
