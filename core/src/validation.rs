//! What is wrong with a field, for the person who filled it in.

use crate::{marks::without_marks, public_suffix::is_one_owners};
use regex::Regex;
use std::sync::LazyLock;
use url::{Host, Url};

/// A text of which nothing can be seen.
static INVISIBLE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^[\s\p{Default_Ignorable_Code_Point}]*$").ok());

/// One field that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// Name of the field, as in the request.
    pub field: String,
    /// Machine word.
    pub code: &'static str,
    /// What is wrong, in a sentence.
    pub message: String,
}

/// Collects what is wrong, so that one answer names all of it.
#[derive(Debug, Default)]
pub struct Check {
    errors: Vec<FieldError>,
}

impl Check {
    /// Notes that a field is refused.
    pub fn refuse(&mut self, field: &str, code: &'static str, message: impl Into<String>) {
        self.errors.push(FieldError {
            field: field.to_owned(),
            code,
            message: message.into(),
        });
    }

    /// Notes what was found wrong elsewhere.
    pub(crate) fn note(&mut self, error: FieldError) {
        self.errors.push(error);
    }

    /// Refuses a text of which nothing can be seen, that is longer than `longest` characters, or holds control characters;
    /// gives it back without the white space around it and without marks that change how the rest is read.
    pub fn text(&mut self, field: &str, text: &str, longest: usize) -> String {
        let text = without_marks(text);
        let text = text.trim();
        let invisible = INVISIBLE.as_ref().is_some_and(|nothing| nothing.is_match(text));
        if text.is_empty() || invisible {
            self.refuse(field, "required", "must not be empty");
        } else if text.chars().count() > longest {
            self.refuse(field, "too_long", format!("must be at most {longest} characters"));
        } else if text.chars().any(char::is_control) {
            self.refuse(field, "invalid_characters", "must not contain control characters");
        }
        text.to_owned()
    }

    /// Refuses a list of origins that are not `https://host[:port]`, or plain `http` on loopback.
    pub fn origins(&mut self, field: &str, origins: &[String], most: usize) {
        if origins.len() > most {
            self.refuse(field, "too_many", format!("must hold at most {most} origins"));
        }
        for (index, origin) in origins.iter().enumerate() {
            if !is_origin(origin) {
                self.refuse(
                    &format!("{field}[{index}]"),
                    "invalid_origin",
                    "must be an origin such as https://example.com or https://*.example.com",
                );
            }
        }
    }

    /// Everything that was refused, or nothing.
    ///
    /// # Errors
    /// The list, when it is not empty.
    pub fn finish(self) -> Result<(), Vec<FieldError>> {
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(self.errors)
        }
    }
}

/// Whether a page of this address is safe to hand a code or a visitor to: `https`, or `http` on
/// this machine, and neither user, password nor fragment.
#[must_use]
pub fn is_web_address(address: &Url) -> bool {
    let scheme_fits = match address.scheme() {
        "https" => address.host().is_some(),
        "http" => is_loopback(address),
        _ => false,
    };
    scheme_fits
        && address.username().is_empty()
        && address.password().is_none()
        && address.fragment().is_none()
}

fn is_loopback(address: &Url) -> bool {
    match address.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// Whether a wildcard stands for the hosts of one owner; a text without one does.
fn is_narrow(origin: &str) -> bool {
    let Some((_, below)) = origin.split_once("://*.") else {
        return true;
    };
    let host = below.split(':').next().unwrap_or_default();
    is_one_owners(host)
}

/// Whether a text is an origin, or a wildcard for the subdomains of one.
pub(crate) fn is_origin(text: &str) -> bool {
    let plain = text.replacen("://*.", "://any.", 1);
    if text.len() > 255 || plain.contains('*') || !is_narrow(text) {
        return false;
    }
    Url::parse(&plain).is_ok_and(|url| is_web_address(&url) && url.origin().ascii_serialization() == plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_told_from_other_texts() {
        let good = [
            "https://example.com",
            "https://*.example.com",
            "https://*.example.co.uk:8443",
            "http://*.localhost:3000",
            "http://localhost:3000",
            "http://127.0.0.1",
        ];
        let bad = [
            "example.com",
            "http://example.com",
            "https://example.com/",
            "https://a.b/c",
            "*",
            "https://*",
            "https://*.*.com",
            "https://*.com",
            "https://*.com:8443",
            "https://*.com.",
            "https://*.",
            "https://*.co.uk",
            "https://*.github.io",
            "https://a*b.com",
            "null",
            "",
        ];

        assert!(good.iter().all(|origin| is_origin(origin)));
        assert!(!bad.iter().any(|origin| is_origin(origin)));
    }

    #[test]
    fn a_text_is_trimmed_and_measured() {
        let mut check = Check::default();

        assert_eq!(check.text("name", "  Ada  ", 3), "Ada");
        assert_eq!(check.text("name", "\u{202e} A\u{2066}da", 3), "Ada");
        check.text("empty", " ", 3);
        check.text("long", "abcd", 3);
        check.text("control", "a\u{0}b", 3);

        let codes: Vec<_> = check
            .finish()
            .unwrap_err()
            .into_iter()
            .map(|error| error.code)
            .collect();
        assert_eq!(codes, ["required", "too_long", "invalid_characters"]);
    }

    #[test]
    fn dangerous_addresses_are_refused() {
        let bad = [
            "javascript:alert(1)",
            "http://example.com/",
            "https://user@example.com/",
            "https://a.b/#x",
        ];

        for address in bad {
            assert!(!is_web_address(&Url::parse(address).unwrap()), "{address}");
        }
    }
}
