//! A server that cannot outlive the process that started it.

use std::{
    ffi::OsStr,
    fs,
    io::{BufRead, BufReader, Write},
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Context;

const SCRIPT: &str = include_str!("supervisor.sh");

/// A shell between us and the server, listening on a pipe that the system closes when this process is gone,
/// even by SIGKILL. It has a process group of its own, so a Ctrl-C reaches it only through that pipe.
pub(crate) struct Supervisor {
    pub(crate) directory: PathBuf,
    shell: Arc<Mutex<Shell>>,
}

struct Shell {
    child: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Supervisor {
    /// Takes over `directory`, which is removed in the end. `command` ends with the server's port option.
    pub(crate) fn new(
        directory: PathBuf,
        stop_signal: &str,
        command: &[&OsStr],
    ) -> anyhow::Result<Supervisor> {
        let mut child = Command::new("sh")
            .args([OsStr::new("-c"), OsStr::new(SCRIPT), OsStr::new("supervisor")])
            .args([directory.as_os_str(), OsStr::new(stop_signal)])
            .args(command)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .context("cannot start a shell")?;
        let orders = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().context("the shell has no output")?);
        Ok(Supervisor {
            directory,
            shell: Arc::new(Mutex::new(Shell {
                child,
                orders,
                answers,
            })),
        })
    }

    /// Starts the server, which is not ready yet when this returns.
    pub(crate) async fn start(&self, port: u16) -> anyhow::Result<()> {
        self.order(format!("start {port}\n")).await
    }

    /// Sends the signal and returns when the server is gone. Does nothing when none runs.
    pub(crate) async fn end(&self, signal: &str) -> anyhow::Result<()> {
        self.order(format!("end {signal}\n")).await
    }

    /// What the server has written since its last start.
    pub(crate) fn log(&self) -> String {
        fs::read(self.directory.join("log"))
            .map(|log| String::from_utf8_lossy(&log).into_owned())
            .unwrap_or_default()
    }

    async fn order(&self, order: String) -> anyhow::Result<()> {
        let shell = Arc::clone(&self.shell);
        tokio::task::spawn_blocking(move || shell.lock().unwrap_or_else(PoisonError::into_inner).obey(&order))
            .await?
    }
}

impl Shell {
    fn obey(&mut self, order: &str) -> anyhow::Result<()> {
        let orders = self.orders.as_mut().context("the supervisor has ended")?;
        orders
            .write_all(order.as_bytes())
            .context("the supervisor has ended")?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        anyhow::ensure!(answer == "done\n", "the supervisor did not carry out {order:?}");
        Ok(())
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        self.orders = None;
        // Nothing is left to do about a failure: the shell is gone either way.
        let _ = self.child.wait();
    }
}
