//! One running role.

use std::{
    fs::{File, OpenOptions},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

/// A role of the real program, ended when dropped.
pub(crate) struct Process {
    command: Command,
    child: Child,
    log: PathBuf,
    printed: PathBuf,
}

fn appending(path: &Path) -> File {
    OpenOptions::new().create(true).append(true).open(path).unwrap()
}

impl Process {
    /// Starts a role; what it writes goes to files in `directory`.
    pub(crate) fn start(role: &str, name: &str, directory: &Path, settings: &[(String, String)]) -> Self {
        let (log, printed) = (
            directory.join(format!("{name}.log")),
            directory.join(format!("{name}.out")),
        );
        let mut command = Command::new(env!("CARGO_BIN_EXE_vitrine"));
        command
            .arg(role)
            .current_dir(directory)
            .env_clear()
            .envs(settings.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(appending(&printed))
            .stderr(appending(&log));
        Self {
            child: command.spawn().unwrap(),
            command,
            log,
            printed,
        }
    }

    /// Starts it once more, as it was, after it ended.
    pub(crate) fn start_again(&mut self) {
        self.child = self.command.spawn().unwrap();
    }

    /// What it wrote to standard error so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// What it wrote to standard output so far.
    pub(crate) fn printed(&self) -> String {
        std::fs::read_to_string(&self.printed).unwrap_or_default()
    }

    /// Whether it runs.
    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Asks it to end and waits until it has.
    pub(crate) fn terminate(&mut self) -> ExitStatus {
        self.signal("TERM");
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < end, "the process did not end:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ends it without a word.
    pub(crate) fn kill(&mut self) {
        let _ended_already = self.child.kill();
        let _status = self.child.wait();
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-s", name, &id])
                .status()
                .unwrap()
                .success()
        );
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            show(&format!("--- {}\n{}", self.log.display(), self.log()));
        }
    }
}

/// A failed test shows what the processes wrote.
#[expect(clippy::print_stderr, reason = "the test runner shows it beside the failure")]
fn show(text: &str) {
    eprintln!("{text}");
}
