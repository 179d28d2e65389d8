//! Lenient reading of JSON: Instagram sends ids as text or number and leaves out what it likes.

use serde_json::Value;
use std::borrow::Cow;
use thiserror::Error;
use url::Url;

/// Why an answer could not be read. Tells where and what, never what stood there.
#[derive(Debug, Error)]
pub(crate) enum Unreadable {
    #[error("the answer is not JSON: {category:?} error at line {line}, column {column}")]
    Syntax {
        category: serde_json::error::Category,
        line: usize,
        column: usize,
    },
    #[error("the answer has no usable `{0}`")]
    Missing(&'static str),
}

/// Parses a body. The parser's own message may quote the input, so only its place is kept.
///
/// A text that was cut within an emoji ends with half of it, which is no character: one such caption would make all
/// posts of a page unreadable, so halves are read as replacement characters.
pub(crate) fn parse(body: &[u8]) -> Result<Value, Unreadable> {
    let read = serde_json::from_slice(body).or_else(|error| match without_halves(body) {
        Cow::Borrowed(_) => Err(error),
        Cow::Owned(mended) => serde_json::from_slice(&mended),
    });
    read.map_err(|error| Unreadable::Syntax {
        category: error.classify(),
        line: error.line(),
        column: error.column(),
    })
}

/// JSON whose escapes of UTF-16 all stand in pairs: those that do not become `\ufffd` (RFC 8259, section 8.2).
fn without_halves(body: &[u8]) -> Cow<'_, [u8]> {
    let (mut mended, mut done, mut at) = (Vec::new(), 0, 0);
    while let Some(found) = body[at..].iter().position(|byte| *byte == b'\\') {
        at += found;
        let length = match (unit(body, at), unit(body, at + 6)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => {
                mended.extend_from_slice(&body[done..at]);
                mended.extend_from_slice(br"\ufffd");
                done = at + 6;
                6
            }
            _ => 2,
        };
        at = (at + length).min(body.len());
    }
    if done == 0 {
        return Cow::Borrowed(body);
    }
    mended.extend_from_slice(&body[done..]);
    Cow::Owned(mended)
}

/// The UTF-16 unit whose escape begins there.
fn unit(body: &[u8], at: usize) -> Option<u16> {
    let digits = body.get(at..at + 6)?.strip_prefix(br"\u")?;
    let is_hex = digits.iter().all(u8::is_ascii_hexdigit);
    let digits = std::str::from_utf8(digits).ok().filter(|_| is_hex)?;
    u16::from_str_radix(digits, 16).ok()
}

/// The object itself, taken out of a `data` envelope when there is one.
pub(crate) fn unwrapped(answer: &Value) -> &Value {
    match answer.get("data") {
        Some(Value::Array(items)) => items.first().unwrap_or(&Value::Null),
        Some(inner @ Value::Object(_)) => inner,
        _ => answer,
    }
}

/// A text that is not empty, or a whole number written out exactly. A number with a fraction or exponent
/// has lost digits already and is refused. Zero characters are left out: they show nothing, and Postgres keeps none.
pub(crate) fn text(object: &Value, field: &str) -> Option<String> {
    match object.get(field)? {
        Value::String(text) => Some(text.replace('\0', "")).filter(|text| !text.is_empty()),
        Value::Number(number) => (number.is_u64() || number.is_i64()).then(|| number.to_string()),
        _ => None,
    }
}

/// A text that is an address of the web: pages put it into links, where any other scheme could be a script. Quotes,
/// angle brackets and whatever else has no place in an address are percent-encoded, since some pages put it there as it
/// is.
pub(crate) fn link(object: &Value, field: &str) -> Option<String> {
    let text = text(object, field)?;
    let url = Url::parse(&text).ok()?;
    if !matches!(url.scheme(), "https" | "http") {
        return None;
    }
    match text.bytes().all(is_plain) {
        true => Some(text),
        false => Some(String::from(url).replace('\'', "%27")),
    }
}

/// Whether a byte may stand in a link as it is.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"<>\"'\\^`{|}".contains(&byte)
}

/// Like [`text`], but its absence makes the answer unusable.
pub(crate) fn required_text(object: &Value, field: &'static str) -> Result<String, Unreadable> {
    text(object, field).ok_or(Unreadable::Missing(field))
}

/// A whole number, quoted or not.
pub(crate) fn integer(object: &Value, field: &str) -> Option<i64> {
    let value = object.get(field)?;
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// A truth value.
pub(crate) fn flag(object: &Value, field: &str) -> Option<bool> {
    object.get(field)?.as_bool()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_link_holds_no_quote_and_no_bracket() {
        let linked = |text: &str| link(&json!({ "link": text }), "link");
        let signed = "https://scontent.cdninstagram.com/v/1_n.jpg?stp=dst-jpg_e35&oh=00_AfX~x&oe=65A0B1C2#a";
        assert_eq!(linked(signed).as_deref(), Some(signed));
        for (given, held) in [
            (
                "https://a.example/x'y\"z<b>?q='\"<>#'\"<>",
                Some("https://a.example/x%27y%22z%3Cb%3E?q=%27%22%3C%3E#%27%22%3C%3E"),
            ),
            ("https://a.example/ü x", Some("https://a.example/%C3%BC%20x")),
            ("javascript:alert('x')", None),
        ] {
            assert_eq!(linked(given).as_deref(), held, "{given}");
        }
    }

    #[test]
    fn ids_stay_exact_as_text_or_number() {
        for (value, expected) in [
            (json!("17841479677897649"), Some("17841479677897649")),
            (json!(17_841_479_677_897_649_u64), Some("17841479677897649")),
            (
                json!(18_446_744_073_709_551_615_u64),
                Some("18446744073709551615"),
            ),
            (json!(1.784_147_967_789_764_9e16), None),
            (json!(""), None),
            (json!("1784\u{0}1479"), Some("17841479")),
            (json!("\u{0}"), None),
            (json!(null), None),
            (json!(["1"]), None),
        ] {
            assert_eq!(text(&json!({ "id": value }), "id").as_deref(), expected);
        }
    }

    #[test]
    fn half_an_emoji_spoils_no_other_text() {
        for (body, read) in [
            (
                r#"["cut \ud83d","whole \ud83d\ude00"]"#,
                json!(["cut \u{fffd}", "whole 😀"]),
            ),
            (r#"["\ude00 \ud83d\ud83d\ude00"]"#, json!(["\u{fffd} \u{fffd}😀"])),
            (r#"["\\ud83d \ud83dx"]"#, json!(["\\ud83d \u{fffd}x"])),
        ] {
            assert_eq!(parse(body.as_bytes()).unwrap(), read, "{body}");
        }
        for body in [r#"["\ud83"#, r#"["\"#, r#"["\ud83d"#, r#"["\ud83d\"]"#] {
            assert!(parse(body.as_bytes()).is_err(), "{body}");
        }
    }

    #[test]
    fn only_addresses_of_the_web_are_links() {
        for (address, is_link) in [
            ("https://cdn.example/a.jpg?x=1", true),
            ("http://127.0.0.1:8081/a.jpg", true),
            ("javascript:alert(1)", false),
            ("data:text/html,x", false),
            ("//cdn.example/a.jpg", false),
            ("a.jpg", false),
        ] {
            assert_eq!(
                link(&json!({ "a": address }), "a").is_some(),
                is_link,
                "{address}"
            );
        }
    }

    #[test]
    fn an_unreadable_body_is_told_without_quoting_it() {
        let error = parse(b"{\"access_token\": SECRET}").unwrap_err();

        assert!(!format!("{error} {error:?}").contains("SECRET"));
        assert!(error.to_string().contains("line 1"));
    }
}
