//! In which form a feed is asked for.

use super::graph_query::GraphQuery;
use crate::content::page_size::page_size;
use std::sync::Arc;
use vitrine_base::paging::{DEFAULT_PAGE, LARGEST_PAGE};
use vitrine_entity::feed;

/// In which form a feed is written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FeedFormat {
    /// Our own JSON.
    Photos,
    /// JSON Feed 1.1: <https://www.jsonfeed.org/version/1.1/>.
    JsonFeed,
    /// RSS 2.0 with Media RSS.
    Rss,
    /// Atom 1.0 (RFC 4287).
    Atom,
    /// The JSON of Behold.
    Behold,
    /// The shapes of Instagram's Graph API.
    Graph(Arc<GraphQuery>),
}

impl FeedFormat {
    /// Entries of a page when nothing else is asked for: what the feed's owner chose. Scripts for Behold know no pages,
    /// and those for Instagram the size that its pages have.
    pub(crate) fn page(&self, feed: &feed::Model) -> u32 {
        match self {
            Self::Behold => LARGEST_PAGE,
            Self::Graph(_) => DEFAULT_PAGE,
            Self::Photos | Self::JsonFeed | Self::Rss | Self::Atom => page_size(feed),
        }
    }
}
