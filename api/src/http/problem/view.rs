//! A problem as JSON.

use super::{Content, InvalidField, Problem};
use serde::Serialize;
use utoipa::ToSchema;

/// Content type of every problem.
pub(super) const PROBLEM_JSON: &str = "application/problem+json";

/// What a problem looks like to the client.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemView<'a> {
    /// Reference to a page that explains the kind of problem.
    #[schema(example = "/problems/not_found", format = "uri-reference")]
    r#type: String,
    /// Short name of the kind.
    title: &'a str,
    /// The status of the answer.
    status: u16,
    /// What happened this time.
    detail: &'a str,
    /// The request's id, as in `X-Request-Id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<&'a str>,
    /// Machine word of the kind.
    #[schema(schema_with = super::code::words)]
    code: &'a str,
    /// Which fields were refused.
    #[serde(skip_serializing_if = "<[InvalidField]>::is_empty")]
    errors: &'a [InvalidField],
}

/// What a problem's words depend on besides the problem.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ProblemContext<'a> {
    /// The request's id.
    pub(crate) instance: Option<&'a str>,
    /// The path that the server is shown at.
    pub(crate) path: &'a str,
}

impl Problem {
    #[expect(
        clippy::expect_used,
        reason = "a problem holds texts and numbers, which JSON always takes"
    )]
    pub(super) fn render(&self, told: ProblemContext<'_>) -> Vec<u8> {
        let Content {
            code, detail, errors, ..
        } = &*self.0;
        let view = ProblemView {
            r#type: format!("{}{}", told.path, code.uri()),
            title: code.title,
            status: code.status.as_u16(),
            detail: detail.as_deref().unwrap_or(code.meaning),
            instance: told.instance,
            code: code.word,
            errors,
        };
        serde_json::to_vec(&view).expect("a problem as JSON")
    }

    #[cfg(test)]
    pub(crate) fn render_for_tests(&self) -> Vec<u8> {
        self.render(ProblemContext::default())
    }
}
