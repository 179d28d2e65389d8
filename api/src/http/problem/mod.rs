//! Problems: the one form in which anything goes wrong (RFC 9457).

mod answer;
pub(crate) mod code;
mod format;
mod from_connecting;
mod from_core;
mod view;

pub(crate) use answer::{problem_of, with_instance};
pub use code::Code;
pub(crate) use format::{ProblemFormat, RenderedProblem};
pub(crate) use view::{ProblemContext, ProblemView};

use serde::Serialize;
use std::{error::Error, fmt, sync::Arc};
use utoipa::ToSchema;
use vitrine_base::{clock::until, error_chain::cause_chain};
use vitrine_entity::Time;
use vitrine_people::identity::AttemptLimit;

/// One field or parameter that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct InvalidField {
    /// Its name, as in the request; nested ones as `accounts[0].name`.
    pub field: String,
    /// Machine word for what is wrong with it.
    #[schema(value_type = String)]
    pub code: &'static str,
    /// What is wrong with it, in words.
    pub message: String,
}

impl InvalidField {
    /// A refused field.
    pub fn new(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            code,
            message: message.into(),
        }
    }
}

/// The only error that handlers, extractors and middleware answer with.
///
/// What caused it is kept for the log and never sent.
#[derive(Clone, Debug)]
pub struct Problem(Box<Content>);

#[derive(Clone, Debug)]
struct Content {
    code: &'static Code,
    detail: Option<String>,
    errors: Vec<InvalidField>,
    allow: Option<String>,
    retry: Option<Retry>,
    bound: Option<AttemptLimit>,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

/// When another try makes sense.
#[derive(Clone, Copy, Debug)]
enum Retry {
    /// In so many seconds.
    After(u64),
    /// From this moment on.
    At(Time),
}

impl Retry {
    fn seconds(self, now: Time) -> u64 {
        match self {
            Self::After(seconds) => seconds,
            Self::At(moment) => until(now, moment).as_secs().saturating_add(1),
        }
    }
}

impl Problem {
    /// A problem of this kind, with the kind's own words.
    #[must_use]
    pub fn new(code: &'static Code) -> Self {
        Self(Box::new(Content {
            code,
            detail: None,
            errors: Vec::new(),
            allow: None,
            retry: None,
            bound: None,
            source: None,
        }))
    }

    /// Whether it is the problem of this code.
    pub(crate) fn is(&self, code: &Code) -> bool {
        self.0.code == code
    }

    /// A failure of ours: the cause is logged, the client learns the request's id.
    #[must_use]
    pub fn internal(source: impl Error + Send + Sync + 'static) -> Self {
        Self::new(&code::INTERNAL).caused_by(source)
    }

    /// Nothing is there, or nothing that the caller may know of.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(&code::NOT_FOUND)
    }

    /// Fields of the body are refused.
    #[must_use]
    pub fn invalid_fields(errors: Vec<InvalidField>) -> Self {
        Self::new(&code::VALIDATION_FAILED).with_errors(errors)
    }

    /// Says what happened this time.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// Names the fields that are refused.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<InvalidField>) -> Self {
        self.0.errors = errors;
        self
    }

    /// Names the methods that would have worked.
    #[must_use]
    pub fn with_allow(mut self, methods: String) -> Self {
        self.0.allow = Some(methods);
        self
    }

    /// Says when to try again.
    #[must_use]
    pub fn retry_after_seconds(mut self, seconds: u64) -> Self {
        self.0.retry = Some(Retry::After(seconds));
        self
    }

    /// Says from when on to try again.
    #[must_use]
    pub fn retry_at(mut self, moment: Time) -> Self {
        self.0.retry = Some(Retry::At(moment));
        self
    }

    /// Says which bound was reached, and so from when on to try again.
    #[must_use]
    pub fn bounded(mut self, bound: AttemptLimit) -> Self {
        self.0.bound = Some(bound);
        self.retry_at(bound.until)
    }

    /// What happened this time, as far as anybody said.
    pub(crate) fn detail(&self) -> Option<&str> {
        self.0.detail.as_deref()
    }

    /// The fields that are refused.
    pub(crate) fn errors(&self) -> &[InvalidField] {
        &self.0.errors
    }

    /// The same about query parameters, where it is about fields.
    #[must_use]
    pub fn about_query(mut self) -> Self {
        if self.0.code == &code::VALIDATION_FAILED {
            self.0.code = &code::INVALID_QUERY;
        }
        self
    }

    /// Keeps the cause for the log.
    #[must_use]
    pub fn caused_by(mut self, source: impl Error + Send + Sync + 'static) -> Self {
        self.0.source = Some(Arc::new(source));
        self
    }

    /// Its kind.
    #[must_use]
    pub fn code(&self) -> &'static Code {
        self.0.code
    }

    /// The cause and the causes of the cause, for the log; none where nothing of ours failed.
    #[must_use]
    pub fn cause_chain(&self) -> Option<String> {
        self.0.source.as_deref().map(|first| cause_chain(first))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0.code.title)
    }
}

impl Error for Problem {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|source| source as &(dyn Error + 'static))
    }
}
