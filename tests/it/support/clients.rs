//! Programs that others wrote, which read what Vitrine serves.

use serde_json::Value;
use tokio::process::Command;

/// Where they are installed.
const CLIENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients");

/// What feedsmith makes of a feed: its pages, followed to their end.
pub(crate) async fn feedsmith(address: &str) -> Value {
    read(Command::new("node").arg("feedsmith.mjs").arg(address)).await
}

/// What feedparser makes of a feed in XML: its pages, followed to their end.
pub(crate) async fn feedparser(address: &str) -> Value {
    read(python("read_with_feedparser.py").arg(address)).await
}

/// Fails with the rules of its format that a document in XML breaks.
pub(crate) async fn check_rules(address: &str) {
    run(python("check_rules.py").arg(address)).await;
}

fn python(script: &str) -> Command {
    let mut command = Command::new(format!("{CLIENTS}/.venv/bin/python"));
    command.arg(script).env("NO_PROXY", "127.0.0.1");
    command
}

async fn read(command: &mut Command) -> Value {
    let printed = run(command).await;
    serde_json::from_str(&printed).unwrap_or_else(|error| panic!("{error}: {printed}"))
}

async fn run(command: &mut Command) -> String {
    let output = command.current_dir(CLIENTS).kill_on_drop(true).output();
    let output = output.await.expect("scripts/test installs the clients");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

/// What a run of schemathesis found.
pub(crate) struct Report {
    pub(crate) passed: bool,
    pub(crate) text: String,
}

/// Sends generated requests, good and bad, to every operation of the document, one by one and along the links between
/// them, with a credential as bearer, and checks the answers.
pub(crate) async fn schemathesis(address: &str, credential: &str) -> Report {
    let mut command = Command::new(format!("{CLIENTS}/.venv/bin/schemathesis"));
    command
        .args([
            "--no-color",
            "--config-file",
            &format!("{CLIENTS}/schemathesis.toml"),
        ])
        .args(["run", &format!("{address}/openapi.json")])
        .args(["--phases", "examples,coverage,fuzzing,stateful"])
        .args(["--max-examples", "16"])
        .args(["--generation-deterministic", "--no-shrink", "--warnings", "off"])
        .env("CREDENTIAL", credential)
        .env("PYTHONPATH", CLIENTS)
        .env("NO_PROXY", "127.0.0.1");
    // It remembers failures where it runs, and begins with them: each run shall begin with nothing.
    let nowhere = tempfile::tempdir().unwrap();
    let output = command.current_dir(nowhere.path()).kill_on_drop(true).output();
    let output = output.await.expect("scripts/test installs the clients");
    Report {
        passed: output.status.success(),
        text: String::from_utf8_lossy(&output.stdout).into_owned(),
    }
}
