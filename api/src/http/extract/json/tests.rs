use super::{misnamed::MOST_UNKNOWN, parse::parse};
use crate::http::problem::{Code, code};
use serde::{Deserialize, de::DeserializeOwned};
use utoipa::{PartialSchema, ToSchema};

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
