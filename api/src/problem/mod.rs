//! Problems: the one form in which anything goes wrong (RFC 9457).

pub(crate) mod code;
mod from_core;
pub(crate) mod page;

pub use code::Code;

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
use serde::Serialize;
use std::{error::Error, fmt, sync::Arc};
use utoipa::ToSchema;
use vitrine_core::clock::until;
use vitrine_entity::Time;

/// Content type of every problem.
const PROBLEM_JSON: &str = "application/problem+json";

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
    #[schema(example = "not_found")]
    code: &'a str,
    /// Which fields were refused.
    #[serde(skip_serializing_if = "<[InvalidField]>::is_empty")]
    errors: &'a [InvalidField],
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
            source: None,
        }))
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
        let first = self.0.source.as_deref()?;
        let mut chain = first.to_string();
        let mut next = first.source();
        while let Some(cause) = next {
            chain = format!("{chain}: {cause}");
            next = cause.source();
        }
        Some(chain)
    }

    fn render(&self, instance: Option<&str>) -> Vec<u8> {
        let Content {
            code, detail, errors, ..
        } = &*self.0;
        let view = ProblemView {
            r#type: code.uri(),
            title: code.title,
            status: code.status.as_u16(),
            detail: detail.as_deref().unwrap_or(code.meaning),
            instance,
            code: code.word,
            errors,
        };
        serde_json::to_vec(&view).unwrap_or_default()
    }

    #[cfg(test)]
    pub(crate) fn render_for_tests(&self) -> Vec<u8> {
        self.render(None)
    }

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

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.0.code.status
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        let mut response = self.builder().body(self.render(None));
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
    instance: &str,
    now: Time,
) -> HttpResponse {
    let mut response = response.set_body(BoxBody::new(problem.render(Some(instance))));
    *response.status_mut() = problem.status_code();
    let headers = response.headers_mut();
    // The body is replaced after a compressing layer may have announced its own.
    headers.remove(CONTENT_ENCODING);
    headers.remove(CONTENT_LENGTH);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
    if let Some(retry) = problem.0.retry {
        headers.insert(RETRY_AFTER, retry.seconds(now).into());
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::body::to_bytes;
    use std::time::Duration;
    use vitrine_core::clock::{Clock, SystemClock, later};

    async fn json(response: HttpResponse) -> serde_json::Value {
        serde_json::from_slice(&to_bytes(response.into_body()).await.unwrap()).unwrap()
    }

    #[actix_web::test]
    async fn a_problem_has_the_members_of_rfc_9457() {
        let problem =
            Problem::invalid_fields(vec![InvalidField::new("name", "required", "must not be empty")]);

        let response = with_instance(problem.error_response(), &problem, "request-1", SystemClock.now());

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

        let response = with_instance(problem.error_response(), &problem, "request-1", now);

        assert_eq!(response.headers().get(RETRY_AFTER).unwrap(), "61");
    }
}
