//! Marks that are not seen and change how what stands around them is read.

/// A text without them: those that turn the direction of writing, invisible ones, and ends of lines and paragraphs.
/// What joins or parts letters (U+200C, U+200D) stays, because scripts and emoji need it.
pub fn strip_format_chars(text: &str) -> String {
    text.chars().filter(|sign| !is_mark(*sign)).collect()
}

/// Unicode's format characters, as far as a name needs none of them.
fn is_mark(sign: char) -> bool {
    matches!(
        sign,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_seen_and_turns_the_rest_is_left_out() {
        let turned = "Ada\u{202e}\u{2066} L\u{200f}ove\u{200b}lace\u{2029}\u{feff}\u{61c}";

        assert_eq!(strip_format_chars(turned), "Ada Lovelace");
    }

    #[test]
    fn names_of_all_scripts_stay() {
        for name in [
            "Ada Lovelace",
            "محمد",
            "می\u{200c}خواهم",
            "👩\u{200d}👩\u{200d}👧",
            "東京 Straße",
        ] {
            assert_eq!(strip_format_chars(name), name);
        }
    }
}
