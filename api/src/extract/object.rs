//! Objects within objects.

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error},
};
use serde_json::{Map, Value};

/// An object, or nothing: serde would take a list for it, field by field. Put it beside `#[serde(default)]`.
pub(crate) fn object<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: DeserializeOwned,
    D: Deserializer<'de>,
{
    let fields = Option::<Map<String, Value>>::deserialize(deserializer)?;
    fields
        .map(|fields| T::deserialize(Value::Object(fields)).map_err(Error::custom))
        .transpose()
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
    fn a_list_is_no_object() {
        let inner = |text: &str| serde_json::from_str::<Outer>(&format!("{{\"inner\": {text}}}"));

        let word = Some("a".to_owned());
        assert_eq!(inner("{\"word\": \"a\"}").unwrap().inner, Some(Inner { word }));
        assert_eq!(inner("null").unwrap().inner, None);
        assert!(inner("[null]").is_err() && inner("[]").is_err() && inner("5").is_err());
    }
}
