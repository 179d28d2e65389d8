//! Characters that a text must not carry into a page or a document.

use std::borrow::Cow;

/// Whether a character is one that steers instead of showing: controls, and those that turn the
/// writing direction of what follows. They could make the rest of a page read otherwise.
///
/// Marks that only say which way their neighbours run are no danger, and some scripts need them.
pub(crate) fn steers(character: char) -> bool {
    let turns =
        matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}');
    turns || character.is_control() || !is_xml(character)
}

/// Text that cannot become markup; ends of lines become line breaks, and what steers is left out.
pub(crate) fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            '\n' | '\u{2028}' | '\u{2029}' => html.push_str("<br>"),
            '\t' => html.push(' '),
            other if steers(other) => {}
            other => html.push(other),
        }
    }
    html
}

/// The text on one line, without what steers.
pub(crate) fn line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        let length = line.len();
        line.extend(word.chars().filter(|character| !steers(*character)));
        if length > 0 && line.len() > length {
            line.insert(length, ' ');
        }
    }
    line
}

/// The text on one line, if anything of it can be seen.
pub(crate) fn visible_line(text: &str) -> Option<String> {
    Some(line(text)).filter(|line| !line.is_empty())
}

/// The text as XML 1.0 can hold it (section 2.2): most control characters are forbidden there, however
/// they are written.
pub(crate) fn xml(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_xml) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().filter(|character| is_xml(*character)).collect())
    }
}

fn is_xml(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_no_breaks_and_nothing_that_steers() {
        let text = " two\r\n\tlines\u{0}\u{202e} \u{2066} of\u{85}text \u{fffe}";

        assert_eq!(line(text), "two lines of text");
        assert_eq!(line("\u{202e}\u{1}"), "");
        assert_eq!(line("e\u{301}\u{200f} 👩‍👩‍👧"), "e\u{301}\u{200f} 👩‍👩‍👧");
    }

    #[test]
    fn a_document_keeps_all_that_it_may_hold() {
        let held = "tab\t line\n\r \u{7f}\u{85}\u{202e}\u{fffd}🎉";

        assert_eq!(xml(held), held);
        assert_eq!(xml("a\u{0}b\u{8}c\u{b}d\u{fffe}e\u{ffff}"), "abcde");
    }
}
