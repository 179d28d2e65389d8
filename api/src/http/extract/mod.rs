//! Extractors whose errors are [`Problem`](crate::http::problem::Problem)s.

mod body;
mod id;
mod json;
mod nullable;
mod object;
mod query;
mod raw;
mod whole;

pub(crate) use body::read_body;
pub(crate) use id::{Id, Ids};
pub(crate) use json::{Json, OptionalJson};
pub(crate) use nullable::nullable;
pub(crate) use object::object;
pub(crate) use query::{FromQuery, Query, QueryReader};
pub(crate) use raw::{Form, Raw};
pub(crate) use whole::{nullable_whole, whole};
