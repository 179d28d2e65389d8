//! Extractors whose errors are [`Problem`](crate::problem::Problem)s.

mod id;
mod json;
mod query;
mod raw;

pub(crate) use id::{Id, Ids};
pub(crate) use json::{Json, OptionalJson, read_body};
pub(crate) use query::{FromQuery, Query, QueryReader};
pub(crate) use raw::{Form, Raw};

use serde::{Deserialize, Deserializer};

/// Tells a field that is `null` from one that is absent: put it beside `#[serde(default)]`.
pub(crate) fn nullable<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::deserialize(deserializer).map(Some)
}
