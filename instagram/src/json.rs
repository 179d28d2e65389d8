//! Lenient reading of JSON: Instagram sends ids as text or number and leaves out what it likes.

use serde_json::Value;
use thiserror::Error;

/// Why an answer could not be read. Tells where and what, never what stood there.
#[derive(Debug, Error)]
pub(crate) enum Unreadable {
    #[error("the answer is not JSON: {category:?} error at line {line}, column {column}")]
    Syntax {
        category: serde_json::error::Category,
        line: usize,
        column: usize,
    },
    #[error("the answer has no usable `{0}`")]
    Missing(&'static str),
}

/// Parses a body. The parser's own message may quote the input, so only its place is kept.
pub(crate) fn parse(body: &[u8]) -> Result<Value, Unreadable> {
    serde_json::from_slice(body).map_err(|error| Unreadable::Syntax {
        category: error.classify(),
        line: error.line(),
        column: error.column(),
    })
}

/// The object itself, taken out of a `data` envelope when there is one.
pub(crate) fn unwrapped(answer: &Value) -> &Value {
    match answer.get("data") {
        Some(Value::Array(items)) => items.first().unwrap_or(&Value::Null),
        Some(inner @ Value::Object(_)) => inner,
        _ => answer,
    }
}

/// A text that is not empty, or a whole number written out exactly. A number with a fraction or exponent
/// has lost digits already and is refused. Zero characters are left out: they show nothing, and Postgres keeps none.
pub(crate) fn text(object: &Value, field: &str) -> Option<String> {
    match object.get(field)? {
        Value::String(text) => Some(text.replace('\0', "")).filter(|text| !text.is_empty()),
        Value::Number(number) => (number.is_u64() || number.is_i64()).then(|| number.to_string()),
        _ => None,
    }
}

/// Like [`text`], but its absence makes the answer unusable.
pub(crate) fn required_text(object: &Value, field: &'static str) -> Result<String, Unreadable> {
    text(object, field).ok_or(Unreadable::Missing(field))
}

/// A whole number, quoted or not.
pub(crate) fn integer(object: &Value, field: &str) -> Option<i64> {
    let value = object.get(field)?;
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// A truth value.
pub(crate) fn flag(object: &Value, field: &str) -> Option<bool> {
    object.get(field)?.as_bool()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_stay_exact_as_text_or_number() {
        for (value, expected) in [
            (json!("17841479677897649"), Some("17841479677897649")),
            (json!(17_841_479_677_897_649_u64), Some("17841479677897649")),
            (
                json!(18_446_744_073_709_551_615_u64),
                Some("18446744073709551615"),
            ),
            (json!(1.784_147_967_789_764_9e16), None),
            (json!(""), None),
            (json!("1784\u{0}1479"), Some("17841479")),
            (json!("\u{0}"), None),
            (json!(null), None),
            (json!(["1"]), None),
        ] {
            assert_eq!(text(&json!({ "id": value }), "id").as_deref(), expected);
        }
    }

    #[test]
    fn an_unreadable_body_is_told_without_quoting_it() {
        let error = parse(b"{\"access_token\": SECRET}").unwrap_err();

        assert!(!format!("{error} {error:?}").contains("SECRET"));
        assert!(error.to_string().contains("line 1"));
    }
}
