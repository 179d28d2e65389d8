//! Ids in paths.

use crate::problem::Problem;
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use std::{
    future::{Ready, ready},
    str::FromStr,
};

/// The one parameter of a path, such as the id in `/v1/jobs/{job_id}`.
///
/// Answers 404 where it does not parse: such a thing cannot exist.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Id<T>(pub(crate) T);

impl<T: FromStr> FromRequest for Id<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let parsed = request
            .match_info()
            .iter()
            .next()
            .and_then(|(_, text)| text.parse().ok());
        ready(parsed.map(Self).ok_or_else(Problem::not_found))
    }
}

/// The two parameters of a path, in their order. Answers as [`Id`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ids<A, B>(pub(crate) A, pub(crate) B);

impl<A: FromStr, B: FromStr> FromRequest for Ids<A, B> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut texts = request.match_info().iter().map(|(_, text)| text);
        let first = texts.next().and_then(|text| text.parse().ok());
        let second = texts.next().and_then(|text| text.parse().ok());
        let both = first.zip(second).map(|(first, second)| Self(first, second));
        ready(both.ok_or_else(Problem::not_found))
    }
}
