//! Captions: their hashtags, their mentions, and a form that is safe in a page.

use regex::{Captures, Regex};
use serde::Serialize;
use std::sync::LazyLock;

/// A hashtag (letters, marks, digits and `_` of any script), a mention (ASCII, as Instagram's handles are) or
/// a web address; none begins in the middle of a word.
static TOKEN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?:^|[^\w&/@#])(?:#(?<tag>[\w\p{M}\p{So}\u{200d}]+)|@(?<name>[A-Za-z0-9._]+)|(?<link>https?://[^\s<>\x22]+))")
        .ok()
});

/// A caption taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Caption {
    /// Hashtags without their sign, in order, each once.
    pub hashtags: Vec<String>,
    /// Handles without their sign, in order, each once.
    pub mentions: Vec<String>,
    /// The text without the hashtags at its end.
    pub pruned: String,
    /// The text as HTML: everything escaped, hashtags, mentions and addresses linked, lines broken.
    pub html: String,
}

impl Caption {
    /// The hashtags of a caption without their sign, in order, as often as they stand there.
    pub fn hashtags_of(text: &str) -> impl Iterator<Item = &str> {
        let tokens = TOKEN.as_ref().map(|token| token.captures_iter(text));
        tokens
            .into_iter()
            .flatten()
            .filter_map(|found| match Link::of(&found)?.target {
                Target::Hashtag(tag) => Some(tag),
                Target::Mention(_) | Target::Address(_) => None,
            })
    }

    /// Takes a caption apart.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut caption = Self {
            pruned: text.to_owned(),
            ..Self::default()
        };
        let Some(token) = TOKEN.as_ref() else {
            return Self {
                html: escaped(text),
                ..caption
            };
        };
        let mut done = 0;
        for found in token.captures_iter(text) {
            let Some(link) = Link::of(&found) else { continue };
            caption.html.push_str(&escaped(&text[done..link.start]));
            caption.html.push_str(&link.html());
            link.note(&mut caption);
            done = link.end;
        }
        caption.html.push_str(&escaped(&text[done..]));
        caption
    }
}

/// One linked part of a caption.
struct Link<'t> {
    start: usize,
    end: usize,
    target: Target<'t>,
}

enum Target<'t> {
    Hashtag(&'t str),
    Mention(&'t str),
    Address(&'t str),
}

impl<'t> Link<'t> {
    fn of(found: &Captures<'t>) -> Option<Self> {
        if let Some(tag) = found.name("tag") {
            let is_word = tag.as_str().chars().any(|c| !c.is_ascii_digit());
            return is_word.then(|| Self {
                start: tag.start() - 1,
                end: tag.end(),
                target: Target::Hashtag(tag.as_str()),
            });
        }
        if let Some(name) = found.name("name") {
            let handle = name.as_str().trim_end_matches('.');
            let end = name.start() + handle.len();
            return (!handle.is_empty()).then_some(Self {
                start: name.start() - 1,
                end,
                target: Target::Mention(handle),
            });
        }
        let link = found.name("link")?;
        let address = link
            .as_str()
            .trim_end_matches(['.', ',', ')', '!', '?', ';', ':', '\'']);
        Some(Self {
            start: link.start(),
            end: link.start() + address.len(),
            target: Target::Address(address),
        })
    }

    fn note(&self, caption: &mut Caption) {
        let (list, word) = match self.target {
            Target::Hashtag(tag) => (&mut caption.hashtags, tag),
            Target::Mention(name) => (&mut caption.mentions, name),
            Target::Address(_) => return,
        };
        if !list.iter().any(|known| known == word) {
            list.push(word.to_owned());
        }
    }

    fn html(&self) -> String {
        let (href, text) = match self.target {
            Target::Hashtag(tag) => (
                format!("https://www.instagram.com/explore/tags/{}/", encoded(tag)),
                format!("#{tag}"),
            ),
            Target::Mention(name) => (format!("https://www.instagram.com/{name}/"), format!("@{name}")),
            Target::Address(address) => (address.to_owned(), address.to_owned()),
        };
        format!(
            r#"<a href="{}" rel="nofollow noopener noreferrer" target="_blank">{}</a>"#,
            escaped(&href),
            escaped(&text)
        )
    }
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Text that cannot become markup; line ends become line breaks. Control characters and those that
/// turn the writing direction are left out: they could make the rest of a page read otherwise.
fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            '\n' => html.push_str("<br>"),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            control if control.is_control() => {}
            other => html.push(other),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashtags_and_mentions_are_found_in_any_script() {
        let caption =
            Caption::parse("Überraschung! #Straße #東京 #100 #a_1, @vitrine.demo. mail@example.com #Straße");

        assert_eq!(caption.hashtags, ["Straße", "東京", "a_1"]);
        assert_eq!(caption.mentions, ["vitrine.demo"]);
    }

    #[test]
    fn markup_stays_text() {
        let caption = Caption::parse("<script>alert('#x')</script>\n\"quoted\" & \u{202e}turned\u{0}");

        assert!(!caption.html.contains("<script"), "{}", caption.html);
        assert!(caption.html.contains("&lt;script&gt;"));
        assert!(caption.html.contains("<br>&quot;quoted&quot; &amp; turned"));
    }

    #[test]
    fn addresses_are_linked_without_the_stop_behind_them() {
        let caption = Caption::parse("see https://example.com/a?b=1&c=2.");

        assert!(
            caption
                .html
                .contains(r#"href="https://example.com/a?b=1&amp;c=2""#),
            "{}",
            caption.html
        );
        assert!(caption.html.ends_with("</a>."));
    }

    #[test]
    fn long_rows_of_emoji_are_only_text() {
        let text = "🎉".repeat(2_200);

        assert_eq!(Caption::parse(&text).html, text);
    }
}
