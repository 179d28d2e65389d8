//! Query parameters.

use crate::http::problem::{InvalidField, Problem, code};
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use serde::de::{DeserializeOwned, IntoDeserializer, value::StrDeserializer};
use std::{
    borrow::Cow,
    future::{Ready, ready},
    str::FromStr,
};

/// Query parameters read into `T`; 422 `invalid_query` names every one that is refused.
///
/// Parameters that `T` does not know are let be here: a handler may read two sets, and where nothing else is taken,
/// [`refuse_unknown_parameters`](crate::http::middleware::refuse_unknown_parameters) says so.
#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

/// A set of query parameters.
pub(crate) trait FromQuery: Sized {
    /// Reads the set, noting with the reader what is refused.
    fn from_query(query: &mut QueryReader<'_>) -> Self;
}

/// Reads parameters, and remembers which are refused.
#[derive(Debug)]
pub(crate) struct QueryReader<'a> {
    pairs: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    errors: Vec<InvalidField>,
}

impl<'a> QueryReader<'a> {
    /// A reader of a query string.
    #[must_use]
    pub(crate) fn new(query: &'a str) -> Self {
        Self {
            pairs: url::form_urlencoded::parse(query.as_bytes()).collect(),
            errors: Vec::new(),
        }
    }

    /// The text of a parameter; refuses one that stands there twice.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        let mut found = self.pairs.iter().filter(|(key, _)| key == name);
        let first = found.next().map(|(_, value)| value.clone().into_owned());
        if found.next().is_some() {
            self.refuse(name, "duplicate", "is given twice");
        }
        first
    }

    /// The first text of a parameter; what stands there more often is let be.
    #[must_use]
    pub(crate) fn first(&self, name: &str) -> Option<String> {
        self.pairs
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.clone().into_owned())
    }

    /// A parameter that has to be one of a type's words.
    pub(crate) fn word<T: DeserializeOwned>(&mut self, name: &str) -> Option<T> {
        let text = self.text(name)?;
        let words: StrDeserializer<'_, serde::de::value::Error> = text.as_str().into_deserializer();
        match T::deserialize(words) {
            Ok(value) => Some(value),
            Err(_) => {
                self.refuse(name, "unknown_word", "is not one of the allowed values");
                None
            }
        }
    }

    /// Whether a parameter is on: `1` or `true`, where `0`, `false` and its absence are off.
    pub(crate) fn switch(&mut self, name: &str) -> bool {
        match self.text(name).as_deref() {
            Some("1" | "true") => true,
            None | Some("0" | "false") => false,
            Some(_) => {
                self.refuse(name, "invalid_value", "must be 1 or 0");
                false
            }
        }
    }

    /// A parameter that has to be what `expected` says.
    pub(crate) fn parsed<T: FromStr>(&mut self, name: &str, expected: &str) -> Option<T> {
        let text = self.text(name)?;
        let value = text.parse().ok();
        if value.is_none() {
            self.refuse(name, "invalid_value", format!("must be {expected}"));
        }
        value
    }

    /// Notes that a parameter is refused.
    pub(crate) fn refuse(&mut self, name: &str, code: &'static str, message: impl Into<String>) {
        self.errors.push(InvalidField::new(name, code, message));
    }

    fn finish<T>(self, value: T) -> Result<T, Problem> {
        if self.errors.is_empty() {
            Ok(value)
        } else {
            Err(Problem::new(&code::INVALID_QUERY).with_errors(self.errors))
        }
    }
}

/// Reads a whole query string.
fn read<T: FromQuery>(query: &str) -> Result<T, Problem> {
    let mut reader = QueryReader::new(query);
    let value = T::from_query(&mut reader);
    reader.finish(value)
}

impl<T: FromQuery> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request.query_string()).map(Self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    struct Filter {
        count: Option<u8>,
        word: Option<String>,
    }

    impl FromQuery for Filter {
        fn from_query(query: &mut QueryReader<'_>) -> Self {
            Self {
                count: query.parsed("count", "a number"),
                word: query.text("word"),
            }
        }
    }

    #[test]
    fn parameters_are_decoded_and_strangers_ignored() {
        let filter: Filter = read("count=3&word=a%20b%26&utm_source=x").unwrap();

        assert_eq!(
            filter,
            Filter {
                count: Some(3),
                word: Some("a b&".to_owned())
            }
        );
        assert_eq!(
            read::<Filter>("").unwrap(),
            Filter {
                count: None,
                word: None
            }
        );
    }

    #[test]
    fn every_refused_parameter_is_named() {
        let problem = read::<Filter>("count=many&word=a&word=b").unwrap_err();

        let view: serde_json::Value = serde_json::from_slice(&problem.render_for_tests()).unwrap();
        assert_eq!(view["code"], "invalid_query");
        assert_eq!(view["errors"][0]["field"], "count");
        assert_eq!(view["errors"][1]["field"], "word");
    }
}
