//! How a problem is sent.

use super::{
    Code, Problem, ProblemFormat, code,
    view::{PROBLEM_JSON, ProblemContext},
};
use crate::http::rate_limit_headers::insert_reached;
use actix_web::{
    HttpResponse, HttpResponseBuilder, ResponseError,
    body::BoxBody,
    http::{
        StatusCode,
        header::{
            ALLOW, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE,
        },
    },
};
use vitrine_entity::Time;

impl Problem {
    fn challenge(&self) -> Option<&'static str> {
        match self.0.code.word {
            "invalid_token" | "expired_token" | "session_revoked" => {
                Some(r#"Bearer realm="vitrine", error="invalid_token""#)
            }
            "insufficient_scope" | "insufficient_role" => {
                Some(r#"Bearer realm="vitrine", error="insufficient_scope""#)
            }
            _ if self.0.code.status == StatusCode::UNAUTHORIZED => Some(r#"Bearer realm="vitrine""#),
            _ => None,
        }
    }

    fn builder(&self) -> HttpResponseBuilder {
        let mut builder = HttpResponse::build(self.0.code.status);
        builder.insert_header((CONTENT_TYPE, PROBLEM_JSON));
        if let Some(methods) = &self.0.allow {
            builder.insert_header((ALLOW, methods.as_str()));
        }
        if let Some(challenge) = self.challenge() {
            builder.insert_header((WWW_AUTHENTICATE, challenge));
        }
        builder
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.0.code.status
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        let mut response = self.builder().body(self.render(ProblemContext::default()));
        response.extensions_mut().insert(self.clone());
        response
    }
}

/// The problem that an answer carries; also for errors that are not of our making.
pub(crate) fn problem_of<B>(response: &HttpResponse<B>) -> Option<Problem> {
    if let Some(problem) = response.extensions().get::<Problem>() {
        return Some(problem.clone());
    }
    let foreign = response.error().is_some() || response.status() == StatusCode::NOT_ACCEPTABLE;
    foreign.then(|| Problem::new(foreign_code(response.status())))
}

fn foreign_code(status: StatusCode) -> &'static Code {
    match status {
        StatusCode::NOT_ACCEPTABLE => &code::NOT_ACCEPTABLE,
        StatusCode::PAYLOAD_TOO_LARGE => &code::PAYLOAD_TOO_LARGE,
        StatusCode::NOT_FOUND => &code::NOT_FOUND,
        status if status.is_client_error() => &code::INCOMPLETE_BODY,
        _ => &code::INTERNAL,
    }
}

/// Writes the problem into its answer once more, now with the request's id and the time to wait.
pub(crate) fn with_instance(
    response: HttpResponse,
    problem: &Problem,
    problem_format: ProblemFormat,
    told: ProblemContext<'_>,
    now: Time,
) -> HttpResponse {
    let worded = problem_format.render(problem, told);
    let mut response = response.set_body(BoxBody::new(worded.body));
    *response.status_mut() = worded.status;
    let headers = response.headers_mut();
    // The body is replaced after a compressing layer may have announced its own.
    headers.remove(CONTENT_ENCODING);
    headers.remove(CONTENT_LENGTH);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(worded.content_type));
    if matches!(problem_format, ProblemFormat::Imitated(_)) {
        headers.remove(WWW_AUTHENTICATE);
    }
    if let Some(retry) = problem.0.retry {
        let seconds = retry.seconds(now);
        headers.insert(RETRY_AFTER, seconds.into());
        if let Some(bound) = &problem.0.bound {
            insert_reached(headers, bound, seconds);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::problem::InvalidField;
    use actix_web::body::to_bytes;
    use std::time::Duration;
    use vitrine_base::clock::{Clock, SystemClock, later};

    fn as_request_1() -> ProblemContext<'static> {
        ProblemContext {
            instance: Some("request-1"),
            path: "",
        }
    }

    async fn json(response: HttpResponse) -> serde_json::Value {
        serde_json::from_slice(&to_bytes(response.into_body()).await.unwrap()).unwrap()
    }

    #[actix_web::test]
    async fn a_problem_has_the_members_of_rfc_9457() {
        let problem =
            Problem::invalid_fields(vec![InvalidField::new("name", "required", "must not be empty")]);

        let response = with_instance(
            problem.error_response(),
            &problem,
            ProblemFormat::Problem,
            as_request_1(),
            SystemClock.now(),
        );

        assert_eq!(response.status(), 422);
        assert_eq!(response.headers().get(CONTENT_TYPE).unwrap(), PROBLEM_JSON);
        assert_eq!(
            json(response).await,
            serde_json::json!({
                "type": "/problems/validation_failed",
                "title": "Some fields are not valid",
                "status": 422,
                "detail": code::VALIDATION_FAILED.meaning,
                "instance": "request-1",
                "code": "validation_failed",
                "errors": [{"field": "name", "code": "required", "message": "must not be empty"}],
            })
        );
    }

    #[actix_web::test]
    async fn the_cause_is_kept_for_the_log_and_never_sent() {
        let problem = Problem::internal(std::io::Error::other("password is swordfish"));

        assert_eq!(problem.cause_chain().as_deref(), Some("password is swordfish"));
        assert!(
            !json(problem.error_response())
                .await
                .to_string()
                .contains("swordfish")
        );
    }

    #[test]
    fn a_401_says_how_to_authenticate() {
        let challenge = |code| {
            let response = Problem::new(code).error_response();
            response
                .headers()
                .get(WWW_AUTHENTICATE)
                .map(|value| value.to_str().unwrap().to_owned())
        };

        assert_eq!(
            challenge(&code::UNAUTHENTICATED).unwrap(),
            r#"Bearer realm="vitrine""#
        );
        assert!(
            challenge(&code::EXPIRED_TOKEN)
                .unwrap()
                .contains(r#"error="invalid_token""#)
        );
        assert!(challenge(&code::NOT_FOUND).is_none());
    }

    #[test]
    fn a_moment_is_told_in_seconds_from_now() {
        let now = SystemClock.now();
        let problem = Problem::new(&code::THROTTLED).retry_at(later(now, Duration::from_secs(60)));

        let response = with_instance(
            problem.error_response(),
            &problem,
            ProblemFormat::Problem,
            as_request_1(),
            now,
        );

        assert_eq!(response.headers().get(RETRY_AFTER).unwrap(), "61");
    }
}
