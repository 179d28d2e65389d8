//! A page as it is written.

use super::feed_format::FeedFormat;
use crate::{FeedCursor, content::feed_content::ContentHeader};
use vitrine_entity::feed;

/// A page as it is written: what its bytes depend on besides the content.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PageSpec {
    pub(crate) form: FeedFormat,
    pub(crate) start: FeedCursor,
    /// Where it ends, for one who goes back; it begins as far before as there are entries for.
    pub(crate) end: Option<FeedCursor>,
    /// Most entries; as many as the form has by itself when not named.
    pub(crate) limit: Option<u32>,
    /// Only posts of this type, for links to further pages.
    pub(crate) media_type: Option<&'static str>,
    pub(crate) key_in_links: Option<String>,
}

impl PageSpec {
    /// Most entries of the page.
    pub(crate) fn size(&self, feed: &feed::Model) -> u32 {
        self.limit.unwrap_or_else(|| self.form.page(feed))
    }

    /// Most entries that are written, with those of lists within the answer.
    pub(crate) fn entries(&self, header: &ContentHeader) -> usize {
        let page = |limit: u32| header.entries.min(usize::try_from(limit).unwrap_or(usize::MAX));
        let size = self.size(&header.feed);
        match &self.form {
            FeedFormat::Graph(graph_query) => graph_query.entries(header, size, page),
            FeedFormat::Photos
            | FeedFormat::JsonFeed
            | FeedFormat::Rss
            | FeedFormat::Atom
            | FeedFormat::Behold => page(size),
        }
    }

    /// About how many bytes of memory it takes.
    pub(crate) fn weight(&self) -> usize {
        let graph_query = match &self.form {
            FeedFormat::Graph(graph_query) => graph_query.weight(),
            FeedFormat::Photos
            | FeedFormat::JsonFeed
            | FeedFormat::Rss
            | FeedFormat::Atom
            | FeedFormat::Behold => 0,
        };
        size_of::<Self>() + graph_query + self.key_in_links.as_ref().map_or(0, String::len)
    }
}
