//! A call that failed.

mod kind;

pub use kind::{FailureKind, Misconfiguration, Refusal, ThrottleScope, TokenDeath};

use std::fmt;

use thiserror::Error;

use crate::answers::json::Unreadable;
use crate::outgoing::Refused;
use crate::usage::Usage;

/// A call that did not give what was asked for.
///
/// `Display` and `Debug` hold the numbers and the name of what happened; they never hold a URL, a query
/// string, a body, a message of Instagram's or a credential, so a failure may be logged as it is. The
/// cause, where there is one, is its `source`.
#[derive(Debug)]
pub struct Failure {
    /// What happened, and so what to do.
    pub kind: FailureKind,
    /// Budget use as reported by this very answer: refused calls count too.
    pub usage: Usage,
    /// HTTP status, when an answer came at all.
    pub status: Option<u16>,
    /// Instagram's error code.
    pub code: Option<i64>,
    /// Instagram's error subcode; often missing even where Meta documents one.
    pub subcode: Option<i64>,
    /// Meta's trace id for support requests. Expires within days.
    pub fbtrace_id: Option<String>,
    pub(crate) source: Option<Box<Cause>>,
}

/// What lies under a failure. Must not hold a URL or any text that came from the other side.
#[derive(Debug, Error)]
pub(crate) enum Cause {
    #[error("the HTTP exchange failed")]
    Transport(#[source] reqwest::Error),
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error("the answer is larger than {limit} bytes")]
    TooLarge { limit: usize },
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    #[error("a field was refused: {}", .0.unwrap_or("not named"))]
    FieldRefused(Option<&'static str>),
}

impl Failure {
    /// Same as [`FailureKind::is_transient`].
    pub fn is_transient(&self) -> bool {
        self.kind.is_transient()
    }

    /// Whether the request surely never reached Instagram, so that it cannot have been counted there: no
    /// connection came about.
    pub fn was_never_sent(&self) -> bool {
        match self.source.as_deref() {
            Some(Cause::Transport(error)) => error.is_connect() || error.is_builder(),
            Some(Cause::Refused(_)) => true,
            _ => false,
        }
    }

    /// Same as [`FailureKind::code_word`].
    pub fn code_word(&self) -> &'static str {
        self.kind.code_word()
    }

    pub(crate) fn because(kind: FailureKind, cause: Cause) -> Self {
        Self {
            source: Some(Box::new(cause)),
            ..Self::from(kind)
        }
    }
}

impl From<FailureKind> for Failure {
    /// A failure of which nothing but the kind is known.
    fn from(kind: FailureKind) -> Self {
        let usage = Usage::default();
        Self {
            kind,
            usage,
            status: None,
            code: None,
            subcode: None,
            fbtrace_id: None,
            source: None,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Instagram call failed: {}", self.kind)?;
        let details = [
            self.status.map(|status| format!("status {status}")),
            self.code.map(|code| format!("code {code}")),
            self.subcode.map(|subcode| format!("subcode {subcode}")),
            self.fbtrace_id.as_ref().map(|trace| format!("trace {trace}")),
        ];
        let details: Vec<String> = details.into_iter().flatten().collect();
        if details.is_empty() {
            Ok(())
        } else {
            write!(formatter, " ({})", details.join(", "))
        }
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|cause| cause as _)
    }
}
