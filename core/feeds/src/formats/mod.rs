//! The forms in which a feed is written.

mod addresses;
mod atom;
mod author;
mod behold;
mod entry;
mod files;
#[cfg(any(test, feature = "fuzzing"))]
pub(super) mod fuzzing;
mod graph;
mod head;
mod json_feed;
mod photos;
mod rss;
mod rss_elements;
#[cfg(test)]
mod tests;

pub use photos::PhotosView;

use super::FeedError;
use crate::{
    content::{
        feed_content::FeedContent,
        sequence::{FeedPage, Sequence},
    },
    pages::{feed_format::FeedFormat, page_spec::PageSpec, sealed_cursor::seal},
};
use url::Url;
use vitrine_base::paging::Cursors;

/// The namespace of Media RSS.
const MEDIA_RSS: &str = "http://search.yahoo.com/mrss/";
/// What documents say that they were made with.
const GENERATOR: &str = "Vitrine";

/// The bytes of a page.
#[derive(Debug)]
pub(super) struct Rendered {
    pub(super) body: Vec<u8>,
    pub(super) content_type: &'static str,
}

/// A page to be written.
pub(super) struct RenderContext<'a> {
    pub(super) content: &'a FeedContent,
    pub(super) wanted: &'a PageSpec,
    pub(super) cursors: &'a Cursors,
    /// Where the outside reaches this server.
    pub(super) public_url: &'a Url,
}

impl<'a> RenderContext<'a> {
    /// Writes the page.
    ///
    /// # Errors
    /// When a writer fails.
    pub(super) fn write(&self) -> Result<Rendered, FeedError> {
        match &self.wanted.form {
            FeedFormat::Photos => photos::write(self),
            FeedFormat::JsonFeed => json_feed::write(self),
            FeedFormat::Rss => rss::write(self),
            FeedFormat::Atom => atom::write(self),
            FeedFormat::Behold => behold::write(self),
            FeedFormat::Graph(graph_query) => graph::write(self, graph_query),
        }
    }

    /// The entries.
    fn page(&self) -> FeedPage<'a> {
        self.page_of(&self.content.sequence)
    }

    /// The entries of this page, out of these.
    fn page_of<'s>(&self, sequence: &'s Sequence) -> FeedPage<'s> {
        match self.wanted.end {
            Some(end) => sequence.page_before(end, self.size()),
            None => sequence.page(self.wanted.start, self.size()),
        }
    }

    /// Most entries of the page.
    fn size(&self) -> u32 {
        self.wanted.size(&self.content.header.feed)
    }

    /// The cursor of the page behind this one; none at the end.
    fn next_cursor(&self, page: &FeedPage<'_>) -> Option<String> {
        Some(seal(
            self.cursors,
            self.content.header.feed.id,
            self.wanted.media_type,
            page.next?,
        ))
    }
}
