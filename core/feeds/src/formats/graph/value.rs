//! Values as the platform writes them, made safe for pages that insert them as HTML.

use serde::{Serialize, Serializer};
use std::{borrow::Cow, fmt::Write};
use vitrine_entity::Time;

/// A value of a field.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value<'a> {
    Text(&'a str),
    /// An address of a page or a file.
    Link(&'a str),
    Count(i64),
    Flag(bool),
    Moment(Time),
}

/// A value, safe or as it is stored.
pub(super) struct SafeValue<'a> {
    value: Value<'a>,
    escape: bool,
}

impl<'a> SafeValue<'a> {
    /// The value; none where it is an address that no page should lead to.
    pub(super) fn new(value: Value<'a>, escape: bool) -> Option<Self> {
        let is_fine = match value {
            Value::Link(link) => !escape || is_web(link),
            _ => true,
        };
        is_fine.then_some(Self { value, escape })
    }
}

impl Serialize for SafeValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.value {
            Value::Text(text) if self.escape => serializer.serialize_str(&safe_text(text)),
            Value::Link(link) if self.escape => serializer.serialize_str(&safe_link(link)),
            Value::Text(text) | Value::Link(text) => serializer.serialize_str(text),
            Value::Count(count) => serializer.serialize_i64(count),
            Value::Flag(flag) => serializer.serialize_bool(flag),
            // No colon in the offset: the platform's is not that of RFC 3339.
            Value::Moment(moment) => serializer.collect_str(&moment.format("%Y-%m-%dT%H:%M:%S+0000")),
        }
    }
}

/// Text that stays text between tags and within a quoted attribute. Controls and signs that turn the
/// writing direction are left out: they could make the rest of a page read otherwise.
pub(super) fn safe_text(text: &str) -> Cow<'_, str> {
    let is_safe = |sign: char| !matches!(sign, '&' | '<' | '>' | '"' | '\'') && !is_hidden(sign);
    replaced(text, is_safe, |safe, sign| match sign {
        '&' => safe.push_str("&amp;"),
        '<' => safe.push_str("&lt;"),
        '>' => safe.push_str("&gt;"),
        '"' => safe.push_str("&quot;"),
        '\'' => safe.push_str("&#39;"),
        _ => {}
    })
}

/// An address that stays within its attribute. What could end it is percent-encoded, which means the same
/// to whoever reads the JSON; an `&` stays, because no reference that a browser could read into it ends
/// an attribute.
pub(super) fn safe_link(link: &str) -> Cow<'_, str> {
    let is_safe = |sign: char| {
        !matches!(sign, '"' | '\'' | '<' | '>' | '`' | '\\') && !sign.is_whitespace() && !is_hidden(sign)
    };
    replaced(link, is_safe, |safe, sign| {
        for byte in sign.encode_utf8(&mut [0; 4]).bytes() {
            // Writing into a string does not fail.
            let _written = write!(safe, "%{byte:02X}");
        }
    })
}

fn is_web(link: &str) -> bool {
    let begins = |scheme: &str| {
        link.get(..scheme.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(scheme))
    };
    begins("https://") || begins("http://")
}

fn replaced(text: &str, is_safe: impl Fn(char) -> bool, replace: impl Fn(&mut String, char)) -> Cow<'_, str> {
    if text.chars().all(&is_safe) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + text.len() / 8);
    for sign in text.chars() {
        if is_safe(sign) {
            safe.push(sign);
        } else {
            replace(&mut safe, sign);
        }
    }
    Cow::Owned(safe)
}

fn is_hidden(sign: char) -> bool {
    let turns = matches!(sign, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || (sign.is_control() && !matches!(sign, '\n' | '\t'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_become_markup_in_a_tag_or_beside_it() {
        assert_eq!(
            safe_text("<img src=x onerror='a(\"b\")'> & more\n\u{202e}turned\u{0}"),
            "&lt;img src=x onerror=&#39;a(&quot;b&quot;)&#39;&gt; &amp; more\nturned"
        );
        assert!(matches!(safe_text("plain 🎉 Straße"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_link_stays_itself_and_within_its_attribute() {
        let signed = "https://scontent.cdninstagram.com/v/1.jpg?_nc_ht=a&oh=00_AfB%2B&oe=6104320C";

        assert_eq!(safe_link(signed), signed);
        assert_eq!(
            safe_link("https://a.example/\"onload='x'<b>`\u{a0}"),
            "https://a.example/%22onload=%27x%27%3Cb%3E%60%C2%A0"
        );
        for none in ["javascript:alert(1)", "data:text/html,x", "//a.example", "ü", ""] {
            assert!(SafeValue::new(Value::Link(none), true).is_none(), "{none}");
            assert!(SafeValue::new(Value::Link(none), false).is_some(), "{none}");
        }
    }

    #[test]
    fn moments_are_written_as_the_platform_does() {
        let moment = "2017-08-31T18:10:00.25Z".parse().unwrap();
        let written = SafeValue {
            value: Value::Moment(moment),
            escape: true,
        };

        assert_eq!(
            serde_json::to_string(&written).unwrap(),
            "\"2017-08-31T18:10:00+0000\""
        );
    }
}
