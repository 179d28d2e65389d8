//! Lists, which the environment writes as JSON arrays, and the words inside them.

use ipnet::IpNet;
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serializer};
use std::fmt;
use std::net::IpAddr;
use url::Url;

/// Reads texts.
pub(super) fn words<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    deserializer.deserialize_any(Words)
}

/// Reads host names: no scheme, no path, no wildcard.
pub(super) fn hosts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let hosts = deserializer.deserialize_any(Words)?;
    match hosts.iter().find(|host| !is_host(host)) {
        Some(bad) => Err(D::Error::custom(format!("`{bad}` is not a host name"))),
        None => Ok(hosts),
    }
}

/// Reads addresses and networks of machines.
pub(super) fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    let words = deserializer.deserialize_any(Words)?;
    let read = |word: &String| {
        network(word).ok_or_else(|| {
            D::Error::custom(format!(
                "`{word}` is neither an address nor a network like 10.0.0.0/8"
            ))
        })
    };
    words.iter().map(read).collect()
}

/// A network, or one machine's address as the network of that machine alone.
fn network(text: &str) -> Option<IpNet> {
    let network = text.parse().ok();
    network.or_else(|| text.parse().ok().map(|address: IpAddr| address.into()))
}

/// Shows a list as texts.
pub(super) fn as_text<S: Serializer, T: fmt::Display>(list: &[T], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(list.iter().map(ToString::to_string))
}

/// Reads absolute http or https addresses, kept as they are written because they are compared byte for byte.
pub(super) fn addresses<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let addresses = deserializer.deserialize_any(Words)?;
    let is_address =
        |text: &String| Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    match addresses.iter().find(|text| !is_address(text)) {
        Some(bad) => Err(D::Error::custom(format!(
            "`{bad}` is not an http or https address"
        ))),
        None => Ok(addresses),
    }
}

/// Reads the beginning of Redis keys: letters, digits, `-` and `_`.
pub(super) fn key_prefix<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let prefix = String::deserialize(deserializer)?;
    let fine = (1..=64).contains(&prefix.len())
        && prefix
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if fine {
        Ok(prefix)
    } else {
        Err(D::Error::custom(
            "a prefix has 1 to 64 letters, digits, `-` or `_`",
        ))
    }
}

fn is_host(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with('.')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte))
}

struct Words;

impl<'de> Visitor<'de> for Words {
    type Value = Vec<String>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of strings")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        serde_json::from_str(text).map_err(|_| {
            E::custom(format!(
                "`{text}` is not a list; write it like [\"one\", \"two\"]"
            ))
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut words = Vec::new();
        while let Some(word) = items.next_element()? {
            words.push(word);
        }
        Ok(words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Example {
        #[serde(deserialize_with = "hosts")]
        hosts: Vec<String>,
    }

    fn read(json: &str) -> Result<Vec<String>, serde_json::Error> {
        serde_json::from_str::<Example>(&format!("{{\"hosts\": {json}}}")).map(|example| example.hosts)
    }

    #[test]
    fn a_list_is_a_list_or_the_json_of_one() {
        assert_eq!(
            read(r#"["a.example", "b.example"]"#).unwrap(),
            ["a.example", "b.example"]
        );
        assert_eq!(read(r#""[\"127.0.0.1\"]""#).unwrap(), ["127.0.0.1"]);
        assert!(read(r#""a.example,b.example""#).is_err());
    }

    #[test]
    fn a_host_is_neither_an_address_nor_a_pattern() {
        for bad in [
            "https://a.example",
            "a.example/path",
            "*.a.example",
            "",
            ".a.example",
        ] {
            assert!(read(&format!("[\"{bad}\"]")).is_err(), "{bad}");
        }
    }

    #[test]
    fn networks_are_told_from_other_texts() {
        for bad in ["", "10.0.0.0/33", "10.0.0/8", "::/129", "host", "10.0.0.0/x"] {
            assert_eq!(network(bad), None, "{bad}");
        }
        for (text, meant) in [
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("10.1.2.3/8", "10.1.2.3/8"),
            ("10.0.0.7", "10.0.0.7/32"),
            ("fd00::/8", "fd00::/8"),
            ("fd00::7", "fd00::7/128"),
        ] {
            assert_eq!(network(text).unwrap().to_string(), meant);
        }
    }
}
