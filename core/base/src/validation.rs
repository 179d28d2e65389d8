//! What is wrong with a field, for the person who filled it in.

use crate::{format_chars::strip_format_chars, web::origin_pattern::read_origin};
use regex::Regex;
use std::sync::LazyLock;

/// A text of which nothing can be seen.
#[expect(clippy::expect_used, reason = "the pattern is fixed, and tests use it")]
static INVISIBLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^[\s\p{Default_Ignorable_Code_Point}]*$").expect("a pattern that can be read")
});

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
    pub fn note(&mut self, error: FieldError) {
        self.errors.push(error);
    }

    /// Refuses a text of which nothing can be seen, that is longer than `longest` characters, or holds control characters;
    /// gives it back without the white space around it and without marks that change how the rest is read.
    pub fn text(&mut self, field: &str, text: &str, longest: usize) -> String {
        let text = strip_format_chars(text);
        let text = text.trim();
        let invisible = INVISIBLE.is_match(text);
        if text.is_empty() || invisible {
            self.refuse(field, "required", "must not be empty");
        } else if text.chars().count() > longest {
            self.refuse(field, "too_long", format!("must be at most {longest} characters"));
        } else if text.chars().any(char::is_control) {
            self.refuse(field, "invalid_characters", "must not contain control characters");
        }
        text.to_owned()
    }

    /// Reads a list of origins as people paste them, and gives back each once, as browsers send it. Refuses what is no
    /// origin, and says why.
    pub fn origins(&mut self, field: &str, origins: &[String], most: usize) -> Vec<String> {
        if origins.len() > most {
            self.refuse(field, "too_many", format!("must have at most {most} origins"));
        }
        let mut read = Vec::new();
        for (index, text) in origins.iter().enumerate() {
            match read_origin(text) {
                Ok(origin) if read.contains(&origin) => {}
                Ok(origin) => read.push(origin),
                Err(wrong) => self.refuse(&format!("{field}[{index}]"), "invalid_origin", wrong.to_string()),
            }
        }
        read
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_kept_once_each_and_others_are_named_by_their_place() {
        let list = |origins: &[&str]| origins.iter().map(ToString::to_string).collect::<Vec<_>>();
        let mut check = Check::default();

        let pasted = list(&[
            "https://Example.com/",
            "https://example.com:443",
            "https://a.example",
        ]);
        assert_eq!(
            check.origins("allowed_origins", &pasted, 3),
            ["https://example.com", "https://a.example"]
        );
        check.origins("allowed_origins", &list(&["https://a.example", "a.example"]), 1);

        let errors = check.finish().unwrap_err();
        let named: Vec<_> = errors
            .iter()
            .map(|error| (error.field.as_str(), error.code))
            .collect();
        let wanted = [
            ("allowed_origins", "too_many"),
            ("allowed_origins[1]", "invalid_origin"),
        ];
        assert_eq!(named, wanted);
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
}
