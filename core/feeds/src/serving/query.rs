//! What a visitor asks for.

use crate::{
    FeedCursor, FeedError, GraphQuery, MEDIA_TYPES,
    content::{
        feed_content::ContentHeader,
        page_size::page_size,
    },
};
use std::sync::Arc;
use vitrine_base::{
    paging::{Cursors, DEFAULT_PAGE, LARGEST_PAGE},
    validation::Check,
};
use vitrine_entity::{FeedId, feed};

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

/// Which page of a feed, in which form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedQuery {
    /// The form.
    pub form: FeedFormat,
    /// Most entries; 1 to 100, as the feed has it when not named.
    pub limit: Option<u32>,
    /// Where the last page ended.
    pub cursor: Option<String>,
    /// Where the page has to end, for a way back.
    pub before: Option<String>,
    /// Only posts of this type.
    pub media_type: Option<String>,
    /// The key that links to further pages carry: the one that the visitor's own address carried.
    pub key_in_links: Option<String>,
}

impl FeedQuery {
    /// The first page in a form, with nothing else asked for.
    #[must_use]
    pub fn of(form: FeedFormat) -> Self {
        Self {
            form,
            limit: None,
            cursor: None,
            before: None,
            media_type: None,
            key_in_links: None,
        }
    }

    /// The type that is asked for.
    ///
    /// # Errors
    /// [`FeedError::Invalid`] for one that does not exist, and for a page that is too small or large.
    pub(crate) fn checked(&self) -> Result<Option<&'static str>, FeedError> {
        let mut check = Check::default();
        if self
            .limit
            .is_some_and(|limit| !(1..=LARGEST_PAGE).contains(&limit))
        {
            let message = format!("must be between 1 and {LARGEST_PAGE}");
            check.refuse("limit", "out_of_range", message);
        }
        if self.cursor.is_some() && self.before.is_some() {
            check.refuse("before", "two_ways", "cannot be combined with after");
        }
        let media_type = self.known_media_type();
        if self.media_type.is_some() && media_type.is_none() {
            check.refuse("type", "unknown_type", "must be IMAGE, VIDEO or CAROUSEL_ALBUM");
        }
        check.finish().map_err(FeedError::Invalid)?;
        Ok(media_type)
    }

    fn known_media_type(&self) -> Option<&'static str> {
        let wanted = self.media_type.as_deref()?;
        MEDIA_TYPES.into_iter().find(|known| *known == wanted)
    }

    /// The page as it is written.
    ///
    /// # Errors
    /// [`FeedError::BadCursor`].
    pub(crate) fn wanted(self, feed: FeedId, cursors: &Cursors) -> Result<PageSpec, FeedError> {
        let media_type = self.known_media_type();
        let read = |cursor: Option<&str>| {
            let opened = cursor.map(|cursor| open(cursors, feed, media_type, cursor));
            opened.transpose()
        };
        Ok(PageSpec {
            media_type,
            limit: self.limit,
            start: read(self.cursor.as_deref())?.unwrap_or_default(),
            end: read(self.before.as_deref())?,
            form: self.form,
            key_in_links: self.key_in_links,
        })
    }
}

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

/// A cursor is good for one feed, and for the one type that it was made for.
fn list(feed: FeedId, media_type: Option<&str>) -> String {
    format!("photos:{feed}:{}", media_type.unwrap_or_default())
}

/// The bookmark that a cursor of a feed carries.
fn open(
    cursors: &Cursors,
    feed: FeedId,
    media_type: Option<&str>,
    cursor: &str,
) -> Result<FeedCursor, FeedError> {
    Ok(cursors.open(&list(feed, media_type), cursor)?)
}

/// A cursor of a feed.
pub(crate) fn seal(
    cursors: &Cursors,
    feed: FeedId,
    media_type: Option<&str>,
    bookmark: FeedCursor,
) -> String {
    cursors.seal(&list(feed, media_type), &bookmark)
}
