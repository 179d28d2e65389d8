//! What the entries of JSON Feed, RSS and Atom have in common.

use super::{
    addresses::web_address,
    author::Author,
    files::{File, files},
};
use crate::{
    Item,
    content::feed_content::FeedContent,
    text::{escaped, line},
};
use std::{borrow::Cow, fmt::Write};
use unicode_segmentation::UnicodeSegmentation;
use vitrine_entity::Time;

/// Most characters of a title, as people count them.
const TITLE: usize = 80;
/// Most bytes of a title: a character can carry any number of marks.
const TITLE_BYTES: usize = 640;

/// One entry of a feed.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    /// Its id, which never changes: it hangs on neither text nor links.
    pub(super) id: String,
    /// The beginning of its text, on one line; else what it is.
    pub(super) title: String,
    /// Its pictures, linked to the post, above its text.
    pub(super) html: String,
    /// The post's page.
    pub(super) link: Option<Cow<'a, str>>,
    /// Who posted it.
    pub(super) author: Option<Author<'a>>,
    pub(super) posted_at: Time,
    pub(super) hashtags: &'a [String],
    /// Its text as HTML; empty without one.
    pub(super) said: &'a str,
    /// Its text, as its owner wrote it.
    pub(super) text: Option<&'a str>,
    /// What it shows, for those who cannot see it.
    pub(super) alt_text: Option<&'a str>,
    pub(super) files: Vec<File<'a>>,
}

impl<'a> Entry<'a> {
    pub(super) fn new(content: &'a FeedContent, item: &'a Item) -> Self {
        let author = Author::of_post(content, &item.post);
        let title = title(item, author.as_ref());
        let link = item.permalink().and_then(web_address);
        let files = files(item);
        Self {
            id: urn(item.id()),
            html: html(&title, link.as_deref(), &files, &item.caption.html),
            title,
            link,
            author,
            posted_at: item.post.posted_at,
            hashtags: &item.caption.hashtags,
            said: &item.caption.html,
            text: item.post.caption.as_deref(),
            alt_text: item.alt_text(),
            files,
        }
    }

    /// The picture that stands for it.
    pub(super) fn picture(&self) -> Option<&str> {
        self.files.iter().find_map(File::picture)
    }
}

/// An id that is an address, as Atom demands one.
pub(super) fn urn(id: impl std::fmt::Display) -> String {
    format!("urn:uuid:{id}")
}

fn title(item: &Item, author: Option<&Author<'_>>) -> String {
    let lines = item.caption.pruned.lines().chain(item.alt_text());
    let said = lines.map(shortened).find(|line| !line.is_empty());
    said.unwrap_or_else(|| {
        let kind = match item.media_type() {
            _ if item.is_reel() => "Reel",
            "VIDEO" => "Video",
            "CAROUSEL_ALBUM" => "Album",
            _ => "Photo",
        };
        match author {
            Some(author) => format!("{kind} by {}", author.name),
            None => kind.to_owned(),
        }
    })
}

/// A text on one line, cut behind a word where it is long.
fn shortened(text: &str) -> String {
    let mut text = line(text);
    let ends = text
        .grapheme_indices(true)
        .map(|(at, grapheme)| at + grapheme.len());
    let end = ends.take(TITLE).take_while(|end| *end <= TITLE_BYTES).last();
    let end = end.unwrap_or_else(|| text.floor_char_boundary(TITLE_BYTES));
    if end < text.len() {
        let word = text[..end].rfind(' ').filter(|at| *at > end / 2);
        text.truncate(word.unwrap_or(end));
        text.push('…');
    }
    text
}

fn html(title: &str, link: Option<&str>, files: &[File<'_>], caption: &str) -> String {
    let mut html = String::with_capacity(caption.len() + 512);
    for file in files {
        html.push_str("<p>");
        html.push_str(&linked(link, &shown(file)));
        html.push_str("</p>");
    }
    if !caption.is_empty() {
        html.push_str("<p>");
        html.push_str(caption);
        html.push_str("</p>");
    } else if files.is_empty() {
        html.push_str(&linked(link, &escaped(title)));
    }
    html
}

/// A picture, also for a video that has one: most readers show no videos, but all give them as files.
fn shown(file: &File<'_>) -> String {
    let mut html = String::new();
    let alt_text = file.alt_text.map(|text| escaped(&line(text))).unwrap_or_default();
    // Writing to a string does not fail.
    let _never_fails = match file.picture() {
        Some(picture) => write!(html, r#"<img src="{}" alt="{alt_text}">"#, escaped(picture)),
        None => write!(
            html,
            r#"<video src="{}" controls preload="none"></video>"#,
            escaped(&file.address)
        ),
    };
    html
}

fn linked(link: Option<&str>, html: &str) -> String {
    match link {
        Some(link) => format!(r#"<a href="{}">{html}</a>"#, escaped(link)),
        None => html.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_behind_a_word_and_between_characters() {
        let words = shortened(&"word ".repeat(40));
        let emoji = shortened(&"👩‍👩‍👧".repeat(100));
        let marks = shortened(&format!("Z{}", "\u{30d}".repeat(5_000)));

        assert!(words.ends_with("word…") && words.chars().count() <= 81, "{words}");
        assert!(
            emoji.len() <= TITLE_BYTES + 3 && emoji.ends_with("👧…"),
            "{emoji}"
        );
        assert!(marks.len() <= TITLE_BYTES + 3);
        assert_eq!(shortened(" a\u{202e}\tb\u{0} "), "a b");
    }
}
