//! A caption without the hashtags that are no part of what it says.

/// A hashtag or a mention in a caption.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) is_hashtag: bool,
}

/// The text without white space around it and without the block of hashtags that closes it, mentions
/// among them included, and the lines of dots that keep the block away.
///
/// A single hashtag that ends a sentence ("Morning in #Lisbon") is a word of it and stays.
pub(super) fn pruned<'t>(text: &'t str, marks: &[Mark]) -> &'t str {
    match block(text, marks) {
        None => text.trim(),
        Some(start) => without_filler_lines(&text[..start]).trim(),
    }
}

/// Where the closing block begins.
fn block(text: &str, marks: &[Mark]) -> Option<usize> {
    let (mut end, mut hashtags, mut start) = (text.len(), 0, None);
    for mark in marks.iter().rev() {
        if !text[mark.end..end].chars().all(is_filler) {
            break;
        }
        end = mark.start;
        if mark.is_hashtag {
            hashtags += 1;
            start = Some(end);
        }
    }
    start.filter(|start| hashtags > 1 || stands_alone(&text[..*start]))
}

/// Whether nothing that comes before leads on to a hashtag.
fn stands_alone(before: &str) -> bool {
    let line = before.rsplit('\n').next().unwrap_or_default().trim_end();
    let leads_on = |last: char| last.is_alphanumeric() || ",;:&+-–—/(".contains(last);
    !line.chars().next_back().is_some_and(leads_on)
}

fn without_filler_lines(mut text: &str) -> &str {
    loop {
        let trimmed = text.trim_end();
        let line = trimmed.rsplit('\n').next().unwrap_or_default();
        if line.is_empty() || !line.chars().all(is_filler) {
            return trimmed;
        }
        text = &trimmed[..trimmed.len() - line.len()];
    }
}

/// What people put between and before hashtags: white space, also such as cannot be seen, and dots.
fn is_filler(character: char) -> bool {
    character.is_whitespace()
        || matches!(
            character,
            '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{2800}' | '\u{3164}' | '\u{fe0f}' | '\u{feff}'
        )
        || ".,;|/-–—_*~•·・。、，．".contains(character)
}
