//! Objects within objects.

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor, value::MapAccessDeserializer},
};
use std::{fmt, marker::PhantomData};

/// An object, or nothing: serde would take a list for it, field by field. Put it beside `#[serde(default)]`.
pub(crate) fn object<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    deserializer.deserialize_option(ObjectVisitor(PhantomData))
}

/// Reads objects, and nothing as nothing.
struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Option<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_none<E: Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_unit<E: Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        deserializer.deserialize_map(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Option<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(fields)).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Inner {
        word: Option<String>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Outer {
        #[serde(default, deserialize_with = "object")]
        inner: Option<Inner>,
    }

    #[test]
    fn a_list_is_no_object_and_no_field_stands_there_twice() {
        let inner = |text: &str| serde_json::from_str::<Outer>(&format!("{{\"inner\": {text}}}"));

        let word = Some("a".to_owned());
        assert_eq!(inner("{\"word\": \"a\"}").unwrap().inner, Some(Inner { word }));
        assert_eq!(inner("null").unwrap().inner, None);
        assert!(inner("[null]").is_err() && inner("[]").is_err() && inner("5").is_err());
        let twice = inner("{\"word\": \"a\", \"word\": \"b\"}").unwrap_err();
        assert!(twice.to_string().starts_with("duplicate field"), "{twice}");
    }
}
