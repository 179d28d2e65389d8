//! In which words a problem is told: in our own, or in those of the API that an address imitates.

use super::{
    Problem,
    answer::{PROBLEM_JSON, ProblemContext},
};
use crate::compat::graph::{Refusal, names_nothing};
use actix_web::{ResponseError, dev::ServiceRequest, http::StatusCode};

/// How the problems of an address are told. The address alone decides, so that it holds whichever layer
/// the trouble comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProblemFormat {
    /// RFC 9457.
    Problem,
    /// Instagram's Graph API; `known` where there is such a path.
    Graph {
        /// Whether the path is one of ours.
        known: bool,
    },
}

/// A problem in words.
pub(super) struct RenderedProblem {
    pub(super) status: StatusCode,
    pub(super) content_type: &'static str,
    pub(super) body: Vec<u8>,
}

impl ProblemFormat {
    /// The words in which the problems of a request are told.
    pub(crate) fn of(request: &ServiceRequest) -> Self {
        let path = request.path();
        let is_graph = path
            .strip_prefix("/graph")
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        if !is_graph {
            return Self::Problem;
        }
        let known = request.resource_map().match_pattern(path).is_some();
        let known = known && !names_nothing(path, request.query_string());
        Self::Graph { known }
    }

    pub(super) fn render(self, problem: &Problem, told: ProblemContext<'_>) -> RenderedProblem {
        match self {
            Self::Problem => RenderedProblem {
                status: problem.status_code(),
                content_type: PROBLEM_JSON,
                body: problem.render(told),
            },
            Self::Graph { known } => {
                let refusal = Refusal::of(problem, known);
                RenderedProblem {
                    status: refusal.status,
                    content_type: "application/json",
                    body: refusal.render(told.instance.unwrap_or_default()),
                }
            }
        }
    }
}
