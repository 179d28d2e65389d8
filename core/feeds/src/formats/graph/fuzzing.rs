//! What must hold for every text of an answer.

use super::value::{safe_link, safe_text};

/// Texts and links of an answer stay within a tag and within an attribute.
pub(crate) fn texts(text: &str) {
    let safe = safe_text(text);
    assert!(!safe.contains(['<', '>', '"', '\'', '\u{202e}', '\0']), "{safe}");
    let plain = safe
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"");
    let plain = plain.replace("&#39;", "'").replace("&amp;", "&");
    assert!(is_within(&plain, text), "{plain} of {text}");
    let link = safe_link(text);
    assert!(
        !link.contains(['<', '>', '"', '\'', '`', '\\', '\u{202e}']),
        "{link}"
    );
    assert!(
        !link.contains(|sign: char| sign.is_whitespace() || sign.is_control()),
        "{link}"
    );
}

/// Whether nothing but hidden signs is missing.
fn is_within(kept: &str, text: &str) -> bool {
    let mut left = kept.chars().peekable();
    let missing = text.chars().filter(|sign| left.next_if_eq(sign).is_none());
    let shown = |sign: char| !sign.is_control() && !is_direction(sign);
    !missing.collect::<Vec<_>>().into_iter().any(shown) && left.next().is_none()
}

fn is_direction(sign: char) -> bool {
    matches!(sign, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
