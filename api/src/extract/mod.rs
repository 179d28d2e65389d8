//! Extractors whose errors are [`Problem`](crate::problem::Problem)s.

mod json;
mod query;

pub use json::{Json, MAX_BODY_BYTES};
pub use query::{FromQuery, Query, QueryReader};

use crate::problem::Problem;
use actix_web::web::PathConfig;
use serde::{Deserialize, Deserializer};

/// Path parameters that do not parse name something that does not exist.
pub(crate) fn path_config() -> PathConfig {
    PathConfig::default().error_handler(|_, _| Problem::not_found().into())
}

/// Tells a field that is `null` from one that is absent: put it beside `#[serde(default)]`.
pub(crate) fn nullable<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::deserialize(deserializer).map(Some)
}
