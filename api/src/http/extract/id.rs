//! Ids in paths.

use crate::http::{
    operations::Operations,
    problem::{Problem, code},
};
use actix_web::{FromRequest, HttpRequest, dev::Payload, web::Data};
use std::{
    future::{Ready, ready},
    str::FromStr,
};

/// The one parameter of a path, such as the id in `/v1/jobs/{job_id}`.
///
/// Answers 404 where it does not parse, or holds a NUL: such a thing cannot exist, and Postgres takes no NUL.
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
            .filter(|(_, text)| !text.contains('\0'))
            .and_then(|(_, text)| text.parse().ok());
        ready(parsed.map(Self).ok_or_else(|| nothing_there(request)))
    }
}

/// A fixed word in the place of an id, such as `/v1/accounts/connect`, is there for other methods.
fn nothing_there(request: &HttpRequest) -> Problem {
    let operations = request.app_data::<Data<Operations>>();
    match operations.and_then(|operations| operations.methods(request.path())) {
        Some(methods) => Problem::new(&code::METHOD_NOT_ALLOWED).with_allow(methods.to_owned()),
        None => Problem::not_found(),
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
        ready(both.ok_or_else(|| nothing_there(request)))
    }
}
