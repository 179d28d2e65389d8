//! Links to the pages beside one.

use super::media::{CursorPair, Paging};
use crate::{
    FeedCursor, Fields, GraphQuery, Period,
    content::sequence::{FeedPage, Sequence},
    formats::RenderContext,
    pages::sealed_cursor::seal,
};
use url::{Url, form_urlencoded::Serializer};

/// What links to further pages carry.
pub(super) struct Links<'a> {
    pub(super) context: &'a RenderContext<'a>,
    pub(super) graph_query: &'a GraphQuery,
    /// The entries of which the page is one.
    pub(super) sequence: &'a Sequence,
    pub(super) fields: &'a Fields,
    pub(super) limit: u32,
}

impl Links<'_> {
    /// The way on and back from a page; none from an empty one, which has no place in the list. A link
    /// stands there only where it leads to another entry.
    pub(super) fn around(&self, page: &FeedPage<'_>) -> Option<Paging> {
        if page.items.is_empty() {
            return None;
        }
        let end = page.items.iter().fold(page.start, |at, item| at.past(item));
        Some(Paging {
            cursors: CursorPair {
                before: self.cursor(page.start),
                after: self.cursor(end),
            },
            next: page.next.map(|next| self.link("after", &self.cursor(next))),
            previous: self
                .has_before(page.start)
                .then(|| self.link("before", &self.cursor(page.start))),
        })
    }

    fn has_before(&self, at: FeedCursor) -> bool {
        let before = self.sequence.page_before(at, 1);
        !before.items.is_empty()
    }

    fn cursor(&self, at: FeedCursor) -> String {
        seal(
            self.context.cursors,
            self.context.content.header.feed.id,
            None,
            at,
        )
    }

    /// The feed is named even where it was not asked for by name: a cursor is good for one feed only, and
    /// which is meant without a name may change between two pages.
    fn link(&self, name: &str, cursor: &str) -> String {
        let mut query = Serializer::new(String::new());
        if let Some(key) = &self.context.wanted.key_in_links {
            query.append_pair("access_token", key);
        }
        let fields = self.fields.to_string();
        if !fields.is_empty() {
            query.append_pair("fields", &fields);
        }
        query.append_pair("limit", &self.limit.to_string());
        query.append_pair("feed", &self.context.content.header.feed.id.to_string());
        if self.graph_query.escape {
            query.append_pair("escape", "html");
        }
        let Period { since, until } = self.graph_query.period;
        for (name, end) in [("since", since), ("until", until)] {
            if let Some(end) = end {
                query.append_pair(name, &end.timestamp().to_string());
            }
        }
        query.append_pair(name, cursor);
        let version = self.graph_query.version.as_deref();
        let version = version.map(|version| format!("{version}/")).unwrap_or_default();
        let base = base(self.context.public_url);
        format!("{base}/graph/{version}me/media?{}", query.finish())
    }
}

fn base(public_url: &Url) -> &str {
    public_url.as_str().trim_end_matches('/')
}
