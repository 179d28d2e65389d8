//! Why a role did not start or did not end well, and what the shell is told.

use std::fmt::Display;
use std::process::ExitCode;

/// A reason to leave. Nothing in it is secret.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The configuration is wrong: one line per problem, exit code 2.
    Configuration(Vec<String>),
    /// Something around the process is not as it must be: one line, exit code 1.
    Start(String),
    /// A newer version changed the database so that this one cannot work with it: one line, exit code 3.
    TooOld(String),
}

impl Failure {
    /// One problem of the configuration.
    pub(crate) fn configuration(problem: impl Into<String>) -> Self {
        Self::Configuration(vec![problem.into()])
    }

    /// One problem outside the configuration.
    pub(crate) fn start(problem: impl Into<String>) -> Self {
        Self::Start(problem.into())
    }

    /// A problem outside the configuration, with everything that led to it.
    pub(crate) fn because(problem: impl Display, cause: &dyn std::error::Error) -> Self {
        let mut line = format!("{problem}: {cause}");
        let mut next = cause.source();
        while let Some(source) = next {
            let words = source.to_string();
            if !line.ends_with(&words) {
                line.push_str(": ");
                line.push_str(&words);
            }
            next = source.source();
        }
        Self::Start(line.replace('\n', " "))
    }

    /// What a person reads, a line for each problem.
    pub(crate) fn lines(&self) -> Vec<String> {
        match self {
            Self::Configuration(problems) => problems
                .iter()
                .map(|problem| format!("configuration: {problem}"))
                .collect(),
            Self::Start(problem) | Self::TooOld(problem) => vec![problem.clone()],
        }
    }

    /// 2 for the configuration, 3 for a version that is too old for the database, 1 for everything else.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Configuration(_) => 2,
            Self::Start(_) => 1,
            Self::TooOld(_) => 3,
        })
    }
}
