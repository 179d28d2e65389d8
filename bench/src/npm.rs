//! What programs in `bench/peers` are built on.

use crate::report::say;
use anyhow::{Context, ensure};
use std::path::Path;
use tokio::process::Command;

/// Installs it on the first run; an error says why it cannot be had.
pub(crate) async fn install(directory: &Path, what: &str) -> anyhow::Result<()> {
    let node = Command::new("node").arg("--version").output().await;
    ensure!(
        node.is_ok_and(|node| node.status.success()),
        "Node is not installed"
    );
    if directory.join("node_modules").exists() {
        return Ok(());
    }
    say(&format!("installing {what}"));
    let npm = Command::new("npm")
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(directory)
        .output()
        .await;
    let npm = npm.context("npm is not installed")?;
    let words = String::from_utf8_lossy(&npm.stderr);
    ensure!(npm.status.success(), "npm cannot install it: {}", words.trim());
    Ok(())
}
