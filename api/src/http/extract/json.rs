//! JSON bodies.

use crate::http::{
    auth::still_allowed,
    problem::{InvalidField, Problem, code},
};
use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::header::{CONTENT_ENCODING, CONTENT_LENGTH},
    web,
};
use bytes::Bytes;
use futures::future::LocalBoxFuture;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Map, Value, error::Category};
use std::{collections::BTreeSet, time::Duration};
use utoipa::{
    PartialSchema,
    openapi::{
        RefOr, Schema,
        schema::{AdditionalProperties, Object},
    },
};

/// Most bytes that a JSON body may hold.
pub(crate) const MAX_BODY_BYTES: usize = 64 * 1024;

/// How long the whole body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// Of the unknown fields of a body, so many are named at most.
const MOST_UNKNOWN: usize = 20;

/// A JSON body.
///
/// Answers 400 for no body, no JSON or no UTF-8, 413 above [`MAX_BODY_BYTES`], 415 for another
/// content type, 401 or 403 for whoever may no longer when a slow body is there, and 422 with the names of fields
/// that are unknown or missing, and that of one of a wrong type.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned + PartialSchema + 'static> FromRequest for Json<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let acceptable = if matches!(payload, Payload::None) {
            Err(missing())
        } else {
            check_headers(request)
        };
        let (request, payload) = (request.clone(), web::Payload::from_request(request, payload));
        Box::pin(async move {
            acceptable?;
            let payload = payload.await.map_err(|_| Problem::new(&code::INCOMPLETE_BODY))?;
            let body = read(payload).await;
            still_allowed(&request).await?;
            parse(&body?).map(Self)
        })
    }
}

/// A JSON body that may be left out when every field of it may. Answers as [`Json`] otherwise.
#[derive(Debug)]
pub(crate) struct OptionalJson<T>(pub(crate) T);

impl<T: DeserializeOwned + PartialSchema + Default + 'static> FromRequest for OptionalJson<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = Json::<T>::from_request(request, payload);
        Box::pin(async move {
            match body.await {
                Ok(Json(value)) => Ok(Self(value)),
                Err(problem) if problem.is(&code::MISSING_BODY) => Ok(Self(T::default())),
                Err(problem) => Err(problem),
            }
        })
    }
}

fn missing() -> Problem {
    Problem::new(&code::MISSING_BODY)
}

fn check_headers(request: &HttpRequest) -> Result<(), Problem> {
    let announced = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse().ok());
    if announced == Some(0_usize) {
        return Err(missing());
    }
    if announced.is_some_and(|length| length > MAX_BODY_BYTES) {
        return Err(Problem::new(&code::PAYLOAD_TOO_LARGE));
    }
    if request.headers().contains_key(CONTENT_ENCODING) || !is_json(request) {
        return Err(Problem::new(&code::UNSUPPORTED_MEDIA_TYPE));
    }
    Ok(())
}

fn is_json(request: &HttpRequest) -> bool {
    let Ok(Some(media_type)) = request.mime_type() else {
        return false;
    };
    let json = media_type.subtype() == "json" || media_type.suffix().is_some_and(|suffix| suffix == "json");
    media_type.type_() == "application"
        && json
        && media_type.get_param("charset").is_none_or(|set| set == "utf-8")
}

async fn read(payload: web::Payload) -> Result<Bytes, Problem> {
    let body = read_body(payload).await?;
    if body.is_empty() { Err(missing()) } else { Ok(body) }
}

/// The whole body, as far as a body may be long and may take.
///
/// # Errors
/// 408, 413, or 400 for one that ended early.
pub(crate) async fn read_body(payload: web::Payload) -> Result<Bytes, Problem> {
    tokio::time::timeout(BODY_TIMEOUT, payload.to_bytes_limited(MAX_BODY_BYTES))
        .await
        .map_err(|_| Problem::new(&code::REQUEST_TIMEOUT))?
        .map_err(|_| Problem::new(&code::PAYLOAD_TOO_LARGE))?
        .map_err(|_| Problem::new(&code::INCOMPLETE_BODY))
}

fn parse<T: DeserializeOwned + PartialSchema>(body: &[u8]) -> Result<T, Problem> {
    let text = std::str::from_utf8(body)
        .map_err(|_| Problem::new(&code::INVALID_JSON).with_detail("The body is not UTF-8."))?;
    check_object(text)?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let refusal = refusal(&error.path().to_string(), error.inner());
        with_all_misnamed::<T>(refusal, text)
    })?;
    deserializer.end().map_err(|error| refusal("", &error))?;
    Ok(value)
}

/// serde stops at the first field that is wrong: this names the others that are unknown or missing too.
fn with_all_misnamed<T: PartialSchema>(refusal: Problem, text: &str) -> Problem {
    let (RefOr::T(Schema::Object(shape)), Ok(sent), false) = (
        T::schema(),
        serde_json::from_str::<Map<String, Value>>(text),
        refusal.errors().is_empty(),
    ) else {
        return refusal;
    };
    let mut errors = refusal.errors().to_vec();
    let named: BTreeSet<String> = errors.iter().map(|error| error.field.clone()).collect();
    let others = misnamed(&shape, &sent);
    errors.extend(others.filter(|other| !named.contains(&other.field)));
    refusal.with_errors(errors)
}

/// What is sent and unknown, where the shape refuses that, then what is missing.
fn misnamed(shape: &Object, sent: &Map<String, Value>) -> impl Iterator<Item = InvalidField> {
    let refuses_others = matches!(
        shape.additional_properties.as_deref(),
        Some(AdditionalProperties::FreeForm(false))
    );
    let unknown = sent.keys().filter(|name| !shape.properties.contains_key(*name));
    let unknown = unknown.filter(move |_| refuses_others).take(MOST_UNKNOWN);
    let missing = shape.required.iter().filter(|name| !sent.contains_key(*name));
    let unknown = unknown.map(|name| unknown_field(name.clone()));
    unknown.chain(missing.map(|name| missing_field(name.clone())))
}

fn missing_field(name: String) -> InvalidField {
    InvalidField::new(name, "missing", "is missing")
}

fn unknown_field(name: String) -> InvalidField {
    InvalidField::new(name, "unknown_field", "is unknown")
}

/// serde would take a list for a struct, field by field.
fn check_object(text: &str) -> Result<(), Problem> {
    if text.trim_start().starts_with('{') {
        return Ok(());
    }
    serde_json::from_str::<IgnoredAny>(text).map_err(|error| refusal("", &error))?;
    Err(Problem::invalid_fields(vec![InvalidField::new(
        ".",
        "invalid_type",
        "must be an object",
    )]))
}

fn refusal(path: &str, error: &serde_json::Error) -> Problem {
    match error.classify() {
        Category::Data => Problem::invalid_fields(vec![invalid_field(path, &error.to_string())]),
        Category::Syntax | Category::Eof | Category::Io => {
            Problem::new(&code::INVALID_JSON).with_detail(format!(
                "The body is not JSON: see line {}, column {}.",
                error.line(),
                error.column()
            ))
        }
    }
}

/// Turns serde's words into ours: they name fields in backquotes, and may quote values, which are
/// not repeated because they can be secrets.
fn invalid_field(path: &str, message: &str) -> InvalidField {
    let named = || message.split('`').nth(1).unwrap_or_default();
    let expected = message
        .split_once("expected ")
        .map_or("another value", |(_, rest)| rest);
    let expected = expected.split(" at line ").next().unwrap_or(expected);
    if message.starts_with("missing field") {
        missing_field(join(path, named()))
    } else if message.starts_with("unknown field") {
        unknown_field(join(path, named()))
    } else if message.starts_with("duplicate field") {
        InvalidField::new(join(path, named()), "duplicate_field", "is given twice")
    } else if message.starts_with("invalid type") {
        InvalidField::new(path, "invalid_type", format!("must be {expected}"))
    } else {
        InvalidField::new(path, "invalid_value", format!("must be {expected}"))
    }
}

fn join(path: &str, field: &str) -> String {
    let inside = path == field || path.ends_with(&format!(".{field}"));
    match path {
        "." | "" => field.to_owned(),
        path if inside => path.to_owned(),
        path => format!("{path}.{field}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::problem::Code;
    use serde::Deserialize;
    use utoipa::ToSchema;

    #[derive(Debug, Deserialize, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its shape matters")]
    struct Order {
        name: String,
        count: Option<u32>,
        tags: Option<Vec<Tag>>,
    }

    #[derive(Debug, Deserialize, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its shape matters")]
    struct Letter {
        to: String,
        about: Option<String>,
        text: String,
    }

    #[derive(Debug, Deserialize, ToSchema)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its shape matters")]
    struct Tag {
        word: String,
    }

    fn refused(body: impl AsRef<[u8]>) -> (&'static Code, Vec<(String, String)>) {
        refused_as::<Order>(body.as_ref())
    }

    fn refused_as<T: DeserializeOwned + PartialSchema + std::fmt::Debug>(
        body: &[u8],
    ) -> (&'static Code, Vec<(String, String)>) {
        let problem = parse::<T>(body).unwrap_err();
        let view: serde_json::Value = serde_json::from_slice(&problem.render_for_tests()).unwrap();
        let fields = view["errors"].as_array().cloned().unwrap_or_default();
        let text = |field: &serde_json::Value, name: &str| field[name].as_str().unwrap().to_owned();
        (
            problem.code(),
            fields
                .iter()
                .map(|field| (text(field, "field"), text(field, "code")))
                .collect(),
        )
    }

    fn field(body: &str) -> (String, String) {
        let (code, mut fields) = refused(body);
        assert_eq!(code, &code::VALIDATION_FAILED, "{body}");
        assert_eq!(fields.len(), 1, "{body}");
        fields.remove(0)
    }

    fn pair(field: &str, code: &str) -> (String, String) {
        (field.to_owned(), code.to_owned())
    }

    #[test]
    fn what_is_no_json_is_a_400() {
        for body in [
            &b"{"[..],
            b"not json",
            b"{\"name\":\"a\"} x",
            b"\xff\xfe",
            b"",
            b"{\"name\": \"\xc3\x28\"}",
        ] {
            assert_eq!(refused(body).0, &code::INVALID_JSON, "{body:?}");
        }
    }

    #[test]
    fn absurdly_deep_nesting_is_a_400() {
        let body = format!("{{\"name\":{}", "[".repeat(50_000));

        assert_eq!(
            parse::<serde_json::Value>(body.as_bytes()).unwrap_err().code(),
            &code::INVALID_JSON
        );
    }

    #[test]
    fn the_refused_field_is_named() {
        assert_eq!(field(r#"{"name": 5}"#), pair("name", "invalid_type"));
        assert_eq!(
            field(r#"{"name": "a", "count": "x"}"#),
            pair("count", "invalid_type")
        );
        assert_eq!(
            field(r#"{"name": "a", "count": -1}"#),
            pair("count", "invalid_value")
        );
        assert_eq!(field(r#"{"count": 1}"#), pair("name", "missing"));
        assert_eq!(
            field(r#"{"name": "a", "nmae": "b"}"#),
            pair("nmae", "unknown_field")
        );
        assert_eq!(
            field(r#"{"name": "a", "name": "b"}"#),
            pair("name", "duplicate_field")
        );
        assert_eq!(
            field(r#"{"name": "a", "tags": [{}]}"#),
            pair("tags[0].word", "missing")
        );
        assert_eq!(
            field(r#"{"name": "a", "tags": [{"word": "a", "x": 1}]}"#),
            pair("tags[0].x", "unknown_field")
        );
        assert_eq!(field(r#"["a", 1, null]"#), pair(".", "invalid_type"));
        assert_eq!(field("5"), pair(".", "invalid_type"));
    }

    #[test]
    fn every_missing_field_is_named_at_once() {
        let missing = |body: &str| {
            let problem = parse::<Letter>(body.as_bytes()).unwrap_err();
            let names = problem
                .errors()
                .iter()
                .map(|error| (error.field.clone(), error.code));
            names.collect::<Vec<_>>()
        };

        let pair = |field: &str| (field.to_owned(), "missing");
        assert_eq!(missing("{}"), [pair("to"), pair("text")]);
        assert_eq!(missing(r#"{"about": "a", "text": "b"}"#), [pair("to")]);
        assert_eq!(missing(r#"{"about": "a", "to": "b"}"#), [pair("text")]);
    }

    #[test]
    fn every_field_with_a_wrong_name_is_named_at_once() {
        let named = |body: &str| refused_as::<Letter>(body.as_bytes()).1;

        let unknown = |field: &str| pair(field, "unknown_field");
        let missing = |field: &str| pair(field, "missing");
        assert_eq!(
            named(r#"{"txt": "a"}"#),
            [unknown("txt"), missing("to"), missing("text")]
        );
        assert_eq!(
            named(r#"{"to": "a", "text": "b", "abuot": 1, "cc": 2}"#),
            [unknown("abuot"), unknown("cc")]
        );
        assert_eq!(
            named(r#"{"to": 5, "cc": 2}"#),
            [pair("to", "invalid_type"), unknown("cc"), missing("text")]
        );
        let many: Vec<_> = (0..1_000).map(|at| format!("\"x{at}\": 0")).collect();
        assert_eq!(named(&format!("{{{}}}", many.join(","))).len(), MOST_UNKNOWN + 2);
    }

    #[test]
    fn refused_values_are_not_repeated() {
        let problem = parse::<Order>(br#"{"name": "a", "count": "swordfish"}"#).unwrap_err();

        assert!(
            !String::from_utf8(problem.render_for_tests())
                .unwrap()
                .contains("swordfish")
        );
    }
}
