//! Addresses that stand in feeds.

use super::RenderContext;
use crate::pages::{feed_format::FeedFormat, sealed_cursor::seal};
use std::borrow::Cow;
use url::{Url, form_urlencoded::Serializer};

/// Where people find Instagram.
const INSTAGRAM: &str = "https://www.instagram.com/";

/// An address that may stand in a document: absolute, and of the web. None for anything else.
pub(super) fn web_address(text: &str) -> Option<Cow<'_, str>> {
    let is_web = text.starts_with("https://") || text.starts_with("http://");
    if is_web && text.bytes().all(is_plain) {
        return Some(Cow::Borrowed(text));
    }
    let url = Url::parse(text).ok()?;
    let is_web = matches!(url.scheme(), "https" | "http");
    // The standard leaves the apostrophe in paths; attributes of a page may end at it.
    is_web.then(|| Cow::Owned(String::from(url).replace('\'', "%27")))
}

/// Whether a byte needs no escape in an address.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"<>\"'\\^`{|}".contains(&byte)
}

/// Somebody's page on Instagram; Instagram's own without a handle that can be one.
pub(super) fn page_of(username: Option<&str>) -> String {
    let is_handle = |name: &&str| {
        let mut bytes = name.bytes();
        !name.is_empty() && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_'))
    };
    match username.filter(is_handle) {
        Some(name) => format!("{INSTAGRAM}{name}/"),
        None => INSTAGRAM.to_owned(),
    }
}

/// The addresses of this page and of its neighbours, for documents that name them.
#[derive(Debug)]
pub(super) struct Paging {
    /// This page.
    pub(super) this: String,
    /// The first page, where this is another.
    pub(super) first: Option<String>,
    /// The page behind this one; none at the end.
    pub(super) next: Option<String>,
}

impl Paging {
    /// The addresses of a page in a form that is a file of its feed.
    pub(super) fn of(context: &RenderContext<'_>, next: Option<&str>) -> Self {
        let (wanted, feed) = (context.wanted, context.content.header.feed.id);
        let begins_later = wanted.start != Default::default();
        let this = begins_later.then(|| seal(context.cursors, feed, wanted.media_type, wanted.start));
        Self {
            this: address(context, this.as_deref()),
            first: begins_later.then(|| address(context, None)),
            next: next.map(|cursor| address(context, Some(cursor))),
        }
    }
}

/// What the visitor asked for, from another place on. The key is named only where the visitor's own
/// address named it.
fn address(context: &RenderContext<'_>, cursor: Option<&str>) -> String {
    let wanted = context.wanted;
    let root = context.public_url.as_str().trim_end_matches('/');
    let (feed, file) = (context.content.header.feed.id, file_of(&wanted.form));
    let mut query = Serializer::new(String::new());
    if let Some(key) = &wanted.key_in_links {
        query.append_pair("key", key);
    }
    if let Some(limit) = wanted.limit {
        query.append_pair("limit", &limit.to_string());
    }
    if let Some(media_type) = wanted.media_type {
        query.append_pair("type", media_type);
    }
    if let Some(cursor) = cursor {
        query.append_pair("cursor", cursor);
    }
    let query = query.finish();
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{root}/v1/feeds/{feed}/{file}{mark}{query}")
}

fn file_of(form: &FeedFormat) -> &'static str {
    match form {
        FeedFormat::JsonFeed => "feed.json",
        FeedFormat::Rss => "feed.rss",
        FeedFormat::Atom => "feed.atom",
        _ => "photos",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_web_stand_in_a_document() {
        for (given, held) in [
            (
                "https://example.com/a?b=1&c=%20",
                Some("https://example.com/a?b=1&c=%20"),
            ),
            (
                "http://example.com/ü <x>",
                Some("http://example.com/%C3%BC%20%3Cx%3E"),
            ),
            (
                "https://example.com/\u{0}\u{202e}",
                Some("https://example.com/%00%E2%80%AE"),
            ),
            (
                "https://example.com/a'b\"c<d>?e='f",
                Some("https://example.com/a%27b%22c%3Cd%3E?e=%27f"),
            ),
            ("javascript:alert(1)", None),
            ("data:text/html,x", None),
            ("/p/1", None),
            ("", None),
        ] {
            assert_eq!(web_address(given).as_deref(), held, "{given}");
        }
    }

    #[test]
    fn a_handle_has_a_page() {
        assert_eq!(
            page_of(Some("vitrine.demo_1")),
            "https://www.instagram.com/vitrine.demo_1/"
        );
        for no_handle in [None, Some(""), Some("a/b"), Some("ü\"")] {
            assert_eq!(page_of(no_handle), "https://www.instagram.com/");
        }
    }
}
