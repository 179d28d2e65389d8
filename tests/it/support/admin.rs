//! What operators run beside the server.

use super::Installation;
use std::process::Output;
use tokio::process::Command;

impl Installation {
    /// `vitrine admin …` with the settings of this installation, to be run.
    pub(crate) fn admin_command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vitrine"));
        command
            .env_clear()
            .envs(self.settings.iter().cloned())
            .current_dir(self.directory.path())
            .arg("admin")
            .args(arguments);
        command
    }

    /// Runs `vitrine admin …` to its end.
    pub(crate) async fn admin(&self, arguments: &[&str]) -> Output {
        self.admin_command(arguments).output().await.unwrap()
    }
}
