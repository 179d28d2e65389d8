//! Fields that are unknown or missing.

use crate::http::problem::{InvalidField, Problem};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use utoipa::{
    PartialSchema,
    openapi::{
        RefOr, Schema,
        schema::{AdditionalProperties, Object},
    },
};

/// Of the unknown fields of a body, so many are named at most.
pub(super) const MOST_UNKNOWN: usize = 20;

/// serde stops at the first field that is wrong: this names the others that are unknown or missing too.
pub(super) fn with_all_misnamed<T: PartialSchema>(refusal: Problem, text: &str) -> Problem {
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

pub(super) fn missing_field(name: String) -> InvalidField {
    InvalidField::new(name, "missing", "is missing")
}

pub(super) fn unknown_field(name: String) -> InvalidField {
    InvalidField::new(name, "unknown_field", "is unknown")
}
