//! What goes wrong, in the words of Instagram's Graph API.

use crate::http::problem::{Problem, code};
use actix_web::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

/// The platform's own codes: <https://developers.facebook.com/docs/graph-api/guides/error-handling>.
const SERVICE_DOWN: u16 = 2;
const TOO_MANY_CALLS: u16 = 4;
const NO_PERMISSION: u16 = 10;
const INVALID_PARAMETER: u16 = 100;
const NO_TOKEN: u16 = 104;
const INVALID_TOKEN: u16 = 190;
const UNKNOWN_PATH: u16 = 2500;
const EXPIRED: u16 = 463;
const REVOKED: u16 = 467;
const NO_SUCH_OBJECT: u16 = 33;

/// A refusal as Instagram words it.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    code: u16,
    subcode: Option<u16>,
    message: String,
}

/// An error of the Graph API.
#[derive(Serialize, ToSchema)]
#[schema(as = GraphError)]
pub(crate) struct RefusalView<'a> {
    error: ErrorView<'a>,
}

/// What went wrong.
#[derive(Serialize, ToSchema)]
#[schema(as = GraphErrorContent)]
struct ErrorView<'a> {
    /// What happened, in words.
    message: &'a str,
    /// `OAuthException` about keys, limits and trouble, else `IGApiException`.
    r#type: &'a str,
    /// The platform's code of it.
    code: u16,
    /// A closer code.
    #[serde(skip_serializing_if = "Option::is_none")]
    error_subcode: Option<u16>,
    /// Whether another try may help.
    #[serde(skip_serializing_if = "Option::is_none")]
    is_transient: Option<bool>,
    /// The request's id, as in `X-Request-Id`.
    fbtrace_id: &'a str,
}

impl Refusal {
    /// A problem in Instagram's words; `known` where there is such a path.
    pub(crate) fn of(problem: &Problem, known: bool) -> Self {
        let status = problem.code().status;
        match status {
            StatusCode::UNAUTHORIZED => Self::about_key(problem),
            StatusCode::TOO_MANY_REQUESTS => {
                let message = "(#4) Application request limit reached";
                Self::new(StatusCode::FORBIDDEN, TOO_MANY_CALLS, message)
            }
            StatusCode::NOT_FOUND if !known => {
                Self::new(StatusCode::BAD_REQUEST, UNKNOWN_PATH, "Unknown path components")
            }
            StatusCode::NOT_FOUND => {
                Self::new(StatusCode::BAD_REQUEST, INVALID_PARAMETER, words(problem)).closer(NO_SUCH_OBJECT)
            }
            StatusCode::FORBIDDEN if problem.is(&code::SECRET_KEY_IN_ADDRESS) => {
                Self::new(StatusCode::BAD_REQUEST, INVALID_TOKEN, words(problem))
            }
            StatusCode::FORBIDDEN => {
                let message = format!(
                    "(#10) Application does not have permission for this action: {}",
                    words(problem)
                );
                Self::new(status, NO_PERMISSION, message)
            }
            StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => {
                Self::new(StatusCode::BAD_REQUEST, INVALID_PARAMETER, words(problem))
            }
            _ if status.is_server_error() => {
                let message = "An unexpected error has occurred. Please retry your request later.";
                Self::new(status, SERVICE_DOWN, message)
            }
            // What the platform has no status for keeps that of HTTP.
            _ => Self::new(status, INVALID_PARAMETER, words(problem)),
        }
    }

    fn about_key(problem: &Problem) -> Self {
        let refused = |code, message: &str| Self::new(StatusCode::BAD_REQUEST, code, message);
        let told = |why: &str| format!("Error validating access token: {why}");
        match problem.code() {
            kind if kind == &code::UNAUTHENTICATED => {
                refused(NO_TOKEN, "An access token is required to request this resource.")
            }
            kind if kind == &code::KEY_EXPIRED || kind == &code::EXPIRED_TOKEN => {
                refused(INVALID_TOKEN, &told("Session has expired.")).closer(EXPIRED)
            }
            kind if [&code::KEY_REVOKED, &code::KEY_ROTATED, &code::SESSION_REVOKED].contains(&kind) => {
                refused(INVALID_TOKEN, &told("The session has been invalidated.")).closer(REVOKED)
            }
            _ => refused(
                INVALID_TOKEN,
                "Invalid OAuth access token - Cannot parse access token",
            ),
        }
    }

    fn new(status: StatusCode, code: u16, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            subcode: None,
            message: message.into(),
        }
    }

    fn closer(self, subcode: u16) -> Self {
        Self {
            subcode: Some(subcode),
            ..self
        }
    }

    /// The body.
    pub(crate) fn render(&self, trace: &str) -> Vec<u8> {
        let concerns_token = [SERVICE_DOWN, TOO_MANY_CALLS, NO_TOKEN, INVALID_TOKEN].contains(&self.code);
        let error = ErrorView {
            message: &self.message,
            r#type: if concerns_token {
                "OAuthException"
            } else {
                "IGApiException"
            },
            code: self.code,
            error_subcode: self.subcode,
            is_transient: [SERVICE_DOWN, TOO_MANY_CALLS]
                .contains(&self.code)
                .then_some(true),
            fbtrace_id: trace,
        };
        serde_json::to_vec(&RefusalView { error }).unwrap_or_default()
    }
}

/// The nearest that was said of a problem.
fn words(problem: &Problem) -> &str {
    let first = problem.errors().first().map(|error| error.message.as_str());
    first.or(problem.detail()).unwrap_or(problem.code().meaning)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::problem::InvalidField;
    use serde_json::{Value, json};

    fn told(problem: &Problem, known: bool) -> (u16, Value) {
        let refusal = Refusal::of(problem, known);
        (
            refusal.status.as_u16(),
            serde_json::from_slice(&refusal.render("trace-1")).unwrap(),
        )
    }

    #[test]
    fn a_refusal_has_the_platforms_shape() {
        assert_eq!(
            told(&Problem::not_found().with_detail("no object"), true),
            (
                400,
                json!({"error": {"message": "no object", "type": "IGApiException", "code": 100, "error_subcode": 33, "fbtrace_id": "trace-1"}})
            )
        );
    }

    #[test]
    fn every_kind_of_problem_has_a_code_of_the_platforms() {
        for (kind, status, code, subcode) in [
            (&code::UNAUTHENTICATED, 400, 104, None),
            (&code::INVALID_KEY, 400, 190, None),
            (&code::INVALID_TOKEN, 400, 190, None),
            (&code::SECRET_KEY_IN_ADDRESS, 400, 190, None),
            (&code::KEY_EXPIRED, 400, 190, Some(463)),
            (&code::KEY_REVOKED, 400, 190, Some(467)),
            (&code::KEY_ROTATED, 400, 190, Some(467)),
            (&code::INSUFFICIENT_SCOPE, 403, 10, None),
            (&code::ORIGIN_NOT_ALLOWED, 403, 10, None),
            (&code::RATE_LIMITED, 403, 4, None),
            (&code::INVALID_QUERY, 400, 100, None),
            (&code::INVALID_CURSOR, 400, 100, None),
            (&code::METHOD_NOT_ALLOWED, 405, 100, None),
            (&code::NOT_ACCEPTABLE, 406, 100, None),
            (&code::URI_TOO_LONG, 414, 100, None),
            (&code::UNAVAILABLE, 503, 2, None),
            (&code::INTERNAL, 500, 2, None),
        ] {
            let (found, body) = told(&Problem::new(kind), true);
            let error = &body["error"];
            assert_eq!((found, &error["code"]), (status, &json!(code)), "{}", kind.word);
            assert_eq!(
                error.get("error_subcode"),
                subcode.map(Value::from).as_ref(),
                "{}",
                kind.word
            );
        }
        let (status, body) = told(&Problem::not_found(), false);
        assert_eq!((status, &body["error"]["code"]), (400, &json!(2500)));
    }

    #[test]
    fn the_words_are_those_about_the_field() {
        let field = InvalidField::new("fields", "unknown_field", "Tried accessing nonexisting field (x)");
        let problem = Problem::new(&code::INVALID_QUERY).with_errors(vec![field]);

        let (_, body) = told(&problem, true);

        assert_eq!(body["error"]["message"], "Tried accessing nonexisting field (x)");
    }
}
