//! Why a role did not start or did not end well, and which exit code the shell gets.

use std::error::Error;
use std::fmt::Display;
use std::iter::successors;
use std::process::ExitCode;

use sea_orm::DbErr;
use vitrine_base::database;

/// What mends a start behind a pooler of which the settings say nothing.
const POOLED: &str = "; Postgres is behind a pooler that gives each transaction another server: set \
                      database.pooler = \"transaction\"";

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
    pub(crate) fn because(problem: impl Display, cause: &(dyn Error + 'static)) -> Self {
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
        if is_undeclared_pooler(cause) {
            line.push_str(POOLED);
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

fn is_undeclared_pooler(error: &(dyn Error + 'static)) -> bool {
    let first: Option<&(dyn Error + 'static)> = Some(error);
    successors(first, |error| (*error).source())
        .filter_map(|error| error.downcast_ref::<DbErr>())
        .any(database::is_undeclared_pooler)
}
