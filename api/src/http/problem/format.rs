//! In which words a problem is written: in our own, or in those of the API that an address imitates.

use super::{
    Problem,
    view::{PROBLEM_JSON, ProblemContext},
};
use actix_web::{ResponseError, http::StatusCode};

/// How the problems of an address are worded.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ProblemFormat {
    /// RFC 9457.
    Problem,
    /// As the API words them that the address imitates.
    Imitated(fn(&Problem, ProblemContext<'_>) -> RenderedProblem),
}

/// A problem in words.
#[derive(Debug)]
pub(crate) struct RenderedProblem {
    /// The status of the answer.
    pub(crate) status: StatusCode,
    /// What the body is.
    pub(crate) content_type: &'static str,
    /// The words.
    pub(crate) body: Vec<u8>,
}

impl ProblemFormat {
    pub(super) fn render(self, problem: &Problem, told: ProblemContext<'_>) -> RenderedProblem {
        match self {
            Self::Problem => RenderedProblem {
                status: problem.status_code(),
                content_type: PROBLEM_JSON,
                body: problem.render(told),
            },
            Self::Imitated(render) => render(problem, told),
        }
    }
}
