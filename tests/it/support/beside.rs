//! A process started beside an installation, on ports of its own.

use super::{Installation, process::Process};
use std::{
    process::{Command, Output},
    time::Duration,
};
use vitrine_test_support::{free_port, wait_until};

/// One more process with the settings of an installation.
pub(crate) struct Beside {
    pub(crate) process: Process,
    settings: Vec<(String, String)>,
    metrics: String,
}

impl Beside {
    /// Starts it; nothing of it answers yet.
    pub(crate) fn start(vitrine: &Installation, role: &str) -> Self {
        let mut settings = vitrine.settings.clone();
        let metrics = format!("127.0.0.1:{}", free_port().unwrap());
        let listen = format!("127.0.0.1:{}", free_port().unwrap());
        settings.push(("VITRINE_SERVER__METRICS_LISTEN".into(), metrics.clone()));
        settings.push(("VITRINE_SERVER__LISTEN".into(), listen));
        let name = format!("{role}-beside");
        Self {
            process: Process::start(role, &name, vitrine.directory.path(), &settings),
            settings,
            metrics: format!("http://{metrics}"),
        }
    }

    /// What its metrics port answers.
    pub(crate) async fn get(&self, vitrine: &Installation, path: &str) -> Option<(u16, String)> {
        let answer = vitrine
            .http
            .get(format!("{}{path}", self.metrics))
            .send()
            .await
            .ok()?;
        Some((answer.status().as_u16(), answer.text().await.ok()?))
    }

    /// Waits until it says that it is ready, with 200, or is not, with 503.
    pub(crate) async fn answers(&self, vitrine: &Installation, status: u16) {
        let answered = wait_until(Duration::from_secs(30), async || {
            let answer = self.get(vitrine, "/readyz").await;
            answer.is_some_and(|(answered, _)| answered == status)
        });
        assert!(answered.await.is_ok(), "no {status}:\n{}", self.process.log());
    }

    /// What a container asks of it.
    pub(crate) fn healthcheck(&self) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vitrine"));
        command.arg("healthcheck").env_clear();
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        command.output().unwrap()
    }
}
