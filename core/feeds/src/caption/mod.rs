//! Captions: their hashtags, their mentions, and a form that is safe in a page.

#[cfg(any(test, feature = "fuzzing"))]
pub(super) mod fuzzing;
mod pruned;
#[cfg(test)]
mod tests;

use crate::text::escaped;
use pruned::{Mark, pruned};
use regex::{Captures, Regex};
use serde::Serialize;
use std::sync::LazyLock;

/// A hashtag as a pattern. A sign that only decorates the `#`, as in the emoji of that key, makes none.
macro_rules! hashtag {
    () => {
        r"#(?<tag>[\p{Alphabetic}\p{Nd}\p{Pc}\p{So}][\w\p{So}\u{1f3fb}-\u{1f3ff}]*)"
    };
}

/// A hashtag (letters, marks, digits, emoji and `_` of any script), a mention (ASCII, as Instagram's handles
/// are) or a web address; none begins in the middle of a word, but a hashtag where another one ends. Marks that end an
/// emoji (its style, the frame of a key, the joiner) are counted as letters elsewhere, and end no word here.
#[expect(clippy::expect_used, reason = "the pattern is fixed, and tests use it")]
static TOKEN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?:^|[^\w&/@#]|[\u{fe0e}\u{fe0f}\u{20e3}\u{200d}])(?:",
        hashtag!(),
        r"|@(?<name>[A-Za-z0-9._]+)|(?<link>https?://[^\s<>\x22]+))"
    ))
    .expect("a pattern that can be read")
});

/// Most characters of a handle.
const LONGEST_HANDLE: usize = 30;

/// A hashtag right behind another one.
#[expect(clippy::expect_used, reason = "the pattern is fixed, and tests use it")]
static TOUCHING: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(concat!("^", hashtag!())).expect("a pattern that can be read"));

/// A caption taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Caption {
    /// Hashtags without their sign, in order, each once.
    pub hashtags: Vec<String>,
    /// Handles without their sign, in order, each once.
    pub mentions: Vec<String>,
    /// The text without the block of hashtags at its end and white space around.
    pub pruned: String,
    /// The text as HTML: everything escaped, hashtags, mentions and addresses linked, lines broken.
    pub html: String,
}

impl Caption {
    /// The hashtags of a caption without their sign, in order, as often as they stand there.
    pub fn hashtags_of(text: &str) -> impl Iterator<Item = &str> {
        Links::of(text).filter_map(|link| match link.target {
            Target::Hashtag(tag) => Some(tag),
            Target::Mention(_) | Target::Address(_) => None,
        })
    }

    /// Takes a caption apart.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let (mut caption, mut marks, mut done) = (Self::default(), Vec::new(), 0);
        for link in Links::of(text) {
            caption.html.push_str(&escaped(&text[done..link.start]));
            caption.html.push_str(&link.html());
            marks.extend(link.mark());
            link.note(&mut caption);
            done = link.end;
        }
        caption.html.push_str(&escaped(&text[done..]));
        pruned(text, &marks).clone_into(&mut caption.pruned);
        caption
    }
}

/// The linked parts of a caption, in order.
struct Links<'t> {
    text: &'t str,
    /// Where the search goes on.
    at: usize,
    /// Whether a hashtag ends there, which is the one place in a word where another one may begin.
    behind_hashtag: bool,
}

impl<'t> Links<'t> {
    fn of(text: &'t str) -> Self {
        Self {
            text,
            at: 0,
            behind_hashtag: false,
        }
    }

    fn found(&mut self, link: Link<'t>) -> Link<'t> {
        self.at = link.end;
        self.behind_hashtag = matches!(link.target, Target::Hashtag(_));
        link
    }
}

impl<'t> Iterator for Links<'t> {
    type Item = Link<'t>;

    fn next(&mut self) -> Option<Link<'t>> {
        if self.behind_hashtag
            && let Some(link) = Link::touching(self.text, self.at)
        {
            return Some(self.found(link));
        }
        loop {
            let found = TOKEN.captures_at(self.text, self.at)?;
            match Link::of(&found) {
                Some(link) => return Some(self.found(link)),
                None => self.at = found.get(0)?.end(),
            }
        }
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
    /// The hashtag that begins where another one ends.
    fn touching(text: &'t str, at: usize) -> Option<Self> {
        let found = TOUCHING.captures(&text[at..])?;
        Self::hashtag(found.name("tag")?.as_str(), at)
    }

    fn hashtag(tag: &'t str, start: usize) -> Option<Self> {
        let is_word = tag.chars().any(|c| !c.is_ascii_digit());
        is_word.then(|| Self {
            start,
            end: start + 1 + tag.len(),
            target: Target::Hashtag(tag),
        })
    }

    fn of(found: &Captures<'t>) -> Option<Self> {
        if let Some(tag) = found.name("tag") {
            return Self::hashtag(tag.as_str(), tag.start() - 1);
        }
        if let Some(name) = found.name("name") {
            let handle = name.as_str().trim_end_matches('.');
            let end = name.start() + handle.len();
            return is_handle(handle).then_some(Self {
                start: name.start() - 1,
                end,
                target: Target::Mention(handle),
            });
        }
        let link = found.name("link")?;
        let address = link
            .as_str()
            .trim_end_matches(['.', ',', ')', '!', '?', ';', ':', '\'']);
        let (_, host) = address.split_once("://")?;
        let is_host = host.starts_with(|sign: char| sign.is_alphanumeric() || sign == '[');
        is_host.then(|| Self {
            start: link.start(),
            end: link.start() + address.len(),
            target: Target::Address(address),
        })
    }

    fn mark(&self) -> Option<Mark> {
        let is_hashtag = match self.target {
            Target::Hashtag(_) => true,
            Target::Mention(_) => false,
            Target::Address(_) => return None,
        };
        Some(Mark {
            start: self.start,
            end: self.end,
            is_hashtag,
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

/// Whether somebody on Instagram can be called so: no point begins or ends a handle, or follows another.
fn is_handle(name: &str) -> bool {
    (1..=LONGEST_HANDLE).contains(&name.len()) && !name.starts_with('.') && !name.contains("..")
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
