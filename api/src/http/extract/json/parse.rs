//! From text to a value, or to the fields that are wrong.

use super::misnamed::{missing_field, unknown_field, with_all_misnamed};
use crate::http::problem::{InvalidField, Problem, code};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::error::Category;
use utoipa::PartialSchema;

pub(super) fn parse<T: DeserializeOwned + PartialSchema>(body: &[u8]) -> Result<T, Problem> {
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
