//! A shell of its own for every run of the program.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// 32 bytes that repeat nothing.
pub(super) const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// A directory of its own and an environment that nothing leaks into.
pub(super) struct Shell {
    directory: TempDir,
    variables: Vec<(&'static str, String)>,
}

impl Shell {
    pub(super) fn new() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
            variables: Vec::new(),
        }
    }

    pub(super) fn set(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.variables.push((name, value.into()));
        self
    }

    pub(super) fn with_app(self) -> Self {
        self.set("VITRINE_INSTAGRAM__CLIENT_ID", "990602627938098")
            .set("VITRINE_INSTAGRAM__CLIENT_SECRET", "app-secret-of-the-test")
    }

    pub(super) fn file(self, text: &str) -> Self {
        fs::write(self.path().join("vitrine.toml"), text).unwrap();
        self
    }

    pub(super) fn path(&self) -> &Path {
        self.directory.path()
    }

    pub(super) fn run(&self, arguments: &[&str]) -> Ended {
        self.run_by(Command::new(env!("CARGO_BIN_EXE_vitrine")), arguments)
    }

    /// The same, where a script sets limits first.
    pub(super) fn run_after(&self, script: &str, arguments: &[&str]) -> Ended {
        let mut command = Command::new("/bin/sh");
        let script = format!("{script} && exec \"$0\" \"$@\"");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_vitrine")]);
        self.run_by(command, arguments)
    }

    fn run_by(&self, mut command: Command, arguments: &[&str]) -> Ended {
        command.env_clear().current_dir(self.path()).args(arguments);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        Ended::from(command.output().unwrap())
    }
}

/// What a line says of why the program ended: as text, or as JSON where it logs so.
pub(super) fn last_words(line: &str) -> Option<String> {
    if let Some(text) = line.strip_prefix("vitrine: ") {
        return Some(text.to_owned());
    }
    let line: serde_json::Value = serde_json::from_str(line).ok()?;
    (line["fatal"] == true).then(|| line["message"].as_str().unwrap().to_owned())
}

impl Shell {
    /// Starts a role that stays, and gives what it prints up to `VITRINE_SIMULATOR__URL`; then ends it.
    pub(super) fn greets(&self, arguments: &[&str]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vitrine"));
        command.env_clear().current_dir(self.path()).args(arguments);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        let mut running = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut printed = String::new();
        let mut lines = BufReader::new(running.stdout.take().unwrap());
        while !printed.contains("VITRINE_SIMULATOR__URL") {
            assert!(lines.read_line(&mut printed).unwrap() > 0, "{printed}");
        }
        running.kill().unwrap();
        running.wait().unwrap();
        printed
    }
}

/// How the program ended.
pub(super) struct Ended {
    pub(super) code: Option<i32>,
    pub(super) printed: String,
    pub(super) said: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            printed: String::from_utf8(output.stdout).unwrap(),
            said: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ended {
    /// One line, with all of these words, and this exit code.
    #[track_caller]
    pub(super) fn refuses(&self, code: i32, words: &[&str]) {
        let complaints: Vec<String> = self.said.lines().filter_map(last_words).collect();
        assert_eq!((self.code, complaints.len()), (Some(code), 1), "{}", self.said);
        for word in words {
            assert!(complaints[0].contains(word), "no {word} in: {}", complaints[0]);
        }
        assert!(!self.said.contains("panicked"), "{}", self.said);
    }
}
