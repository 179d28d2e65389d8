//! A role as a process.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::Duration;

pub(super) const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// A running `vitrine`; killed when dropped.
pub(super) struct Running(pub(super) Child);

impl Running {
    pub(super) fn start(directory: &Path, arguments: &[&str], variables: &[(&str, String)]) -> Self {
        let mut command = command(directory, arguments, variables);
        Self(command.stdout(Stdio::piped()).spawn().unwrap())
    }

    /// Starts it with its warnings written to this file.
    pub(super) fn start_warning(directory: &Path, variables: &[(&str, String)], log: &Path) -> Self {
        Self::start_logging(directory, "up", variables, "vitrine=warn", log)
    }

    /// Starts a role with what this filter lets through written to this file.
    pub(super) fn start_logging(
        directory: &Path,
        role: &str,
        variables: &[(&str, String)],
        filter: &str,
        log: &Path,
    ) -> Self {
        let mut command = command(directory, &[role], variables);
        command.env("VITRINE_LOG", filter);
        command.stderr(std::fs::File::create(log).unwrap());
        Self(command.stdout(Stdio::piped()).spawn().unwrap())
    }

    /// Starts it and waits until it says where it runs.
    pub(super) fn start_up(directory: &Path, variables: &[(&str, String)]) -> Self {
        let mut running = Self::start(directory, &["up"], variables);
        let mut line = String::new();
        let read = running.printed().read_line(&mut line).unwrap();
        assert!(read > 0, "it ended before it said where it runs");
        running
    }

    /// Asks it to end and waits until it has.
    pub(super) fn terminate(mut self) -> ExitStatus {
        let killed = Command::new("kill")
            .args(["-TERM", &self.0.id().to_string()])
            .status()
            .unwrap();
        assert!(killed.success());
        self.0.wait().unwrap()
    }

    /// Where it runs: the first line that a start with the real Instagram prints.
    pub(super) fn base(&mut self) -> String {
        let mut line = String::new();
        self.printed().read_line(&mut line).unwrap();
        let address = line.strip_prefix("Vitrine runs at ").unwrap();
        address.trim().trim_end_matches('/').to_owned()
    }

    pub(super) fn printed(&mut self) -> BufReader<ChildStdout> {
        BufReader::new(self.0.stdout.take().unwrap())
    }
}

/// `vitrine` with nothing in its environment but these variables.
pub(super) fn command(directory: &Path, arguments: &[&str], variables: &[(&str, String)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vitrine"));
    command.env_clear().current_dir(directory).args(arguments);
    command.envs(variables.iter().map(|(name, value)| (name, value)));
    command.env("VITRINE_LOG", "error");
    command
}

/// The one line with which a role refuses to start, and exit code 1.
#[track_caller]
pub(super) fn refusal(directory: &Path, role: &str, variables: &[(&str, String)]) -> String {
    let ended = command(directory, &[role], variables).output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(
        (ended.status.code(), said.lines().count()),
        (Some(1), 1),
        "{role}: {said}"
    );
    said
}

/// Settings of a process with an app and without a demo, on ports that nobody has.
pub(super) fn with_app(master_key: Option<&str>) -> Vec<(&'static str, String)> {
    let mut variables = vec![
        ("VITRINE_INSTAGRAM__CLIENT_ID", "990602627938098"),
        ("VITRINE_INSTAGRAM__CLIENT_SECRET", "app-secret-of-the-test"),
        ("VITRINE_SERVER__LISTEN", "127.0.0.1:0"),
        ("VITRINE_SERVER__METRICS_LISTEN", "127.0.0.1:0"),
    ];
    variables.extend(master_key.map(|key| ("VITRINE_SECURITY__MASTER_KEY", key)));
    variables
        .into_iter()
        .map(|(name, value)| (name, value.to_owned()))
        .collect()
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(super) fn client() -> reqwest::Client {
    // Fails only when a provider is there already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

pub(super) async fn answers(client: &reqwest::Client, url: &str) -> bool {
    client
        .get(url)
        .send()
        .await
        .is_ok_and(|answer| answer.status().is_success())
}
