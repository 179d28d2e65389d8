//! Programs that others wrote, which read what Vitrine serves.

use serde_json::Value;
use std::path::Path;
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

/// Fails where an OpenAPI document is not valid.
pub(crate) async fn validate_document(file: &Path) {
    let mut command = Command::new(format!("{CLIENTS}/.venv/bin/openapi-spec-validator"));
    run(command.arg(file)).await;
}

/// Fails where redocly finds anything about an OpenAPI document that it would only warn of otherwise.
pub(crate) async fn lint_document(file: &Path) {
    let mut command = node("redocly");
    command.args(["lint", "--extends", "recommended-strict", "--format", "stylish"]);
    // It would ask its makers for newer versions, and tell them that it ran.
    command
        .env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true")
        .env("REDOCLY_TELEMETRY", "off");
    run(command.arg(file)).await;
}

/// Fails where the types that openapi-typescript makes of an OpenAPI document are not such as `tsc --strict` takes.
pub(crate) async fn type_document(file: &Path) {
    let types = file.with_extension("ts");
    run(node("openapi-typescript").arg(file).arg("--output").arg(&types)).await;
    run(node("tsc").args(["--strict", "--noEmit"]).arg(&types)).await;
}

fn node(program: &str) -> Command {
    Command::new(format!("{CLIENTS}/node_modules/.bin/{program}"))
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
    let said = [&output.stdout, &output.stderr].map(|said| String::from_utf8_lossy(said));
    assert!(output.status.success(), "{command:?}: {}", said.concat());
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
