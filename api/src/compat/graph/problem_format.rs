//! Which addresses word problems in Instagram's words.

use super::{names_nothing, refusal::Refusal};
use crate::http::problem::{Problem, ProblemContext, ProblemFormat, RenderedProblem};
use actix_web::dev::ServiceRequest;

/// How the problems of a request are worded. The address alone decides, so that it holds whichever layer the trouble
/// comes from.
pub(crate) fn problem_format(request: &ServiceRequest) -> ProblemFormat {
    let path = request.path();
    let is_graph = path
        .strip_prefix("/graph")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    if !is_graph {
        return ProblemFormat::Problem;
    }
    let known = request.resource_map().match_pattern(path).is_some();
    ProblemFormat::Imitated(match known && !names_nothing(path, request.query_string()) {
        true => |problem, told| render(problem, true, told),
        false => |problem, told| render(problem, false, told),
    })
}

fn render(problem: &Problem, known: bool, told: ProblemContext<'_>) -> RenderedProblem {
    let refusal = Refusal::of(problem, known);
    RenderedProblem {
        status: refusal.status,
        content_type: "application/json",
        body: refusal.render(told.instance.unwrap_or_default()),
    }
}
