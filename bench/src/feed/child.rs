//! A server that a measurement starts beside itself, and that cannot outlive it.

use anyhow::Context;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

const PATIENCE: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(10);

/// The process; ended politely when dropped, with the processes that it started itself.
pub(super) struct Server {
    child: Child,
    name: &'static str,
    log: PathBuf,
    /// Where it answers.
    pub(super) address: String,
}

impl Server {
    /// Starts a program that will answer at `address`, in a directory of its own.
    pub(super) fn start(
        name: &'static str,
        directory: &Path,
        address: String,
        program: &Path,
        arguments: &[&str],
        environment: &[(String, String)],
    ) -> anyhow::Result<Self> {
        let log = directory.join(format!("{name}.log"));
        let file = fs::File::create(&log)?;
        // The system ends it when this process is gone, in whatever way.
        let child = Command::new("setpriv")
            .args(["--pdeathsig", "TERM", "--"])
            .arg(program)
            .args(arguments)
            .current_dir(directory)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        Ok(Self {
            child,
            name,
            log,
            address,
        })
    }

    /// The process's id.
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The address of a path on it.
    pub(super) fn at(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Returns when a path is answered with success.
    pub(super) async fn answers(&mut self, path: &str) -> anyhow::Result<()> {
        let http = reqwest::Client::builder().no_proxy().build()?;
        let began = Instant::now();
        loop {
            let answer = http.get(self.at(path)).send().await;
            let told = match answer {
                Ok(answer) if answer.status().is_success() => return Ok(()),
                Ok(answer) => answer.status().to_string(),
                Err(error) => error.to_string(),
            };
            let ended = self.child.try_wait()?;
            if ended.is_some() || began.elapsed() > PATIENCE {
                let words = fs::read_to_string(&self.log).unwrap_or_default();
                anyhow::bail!("{} does not answer ({told}):\n{words}", self.name);
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// What it has written.
    pub(super) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _asked = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status();
        let asked = Instant::now();
        while let Ok(None) = self.child.try_wait() {
            if asked.elapsed() > PATIENCE {
                let _ended = self.child.kill();
            }
            std::thread::sleep(POLL);
        }
    }
}
