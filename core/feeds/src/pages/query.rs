//! What a visitor asks for.

use super::{feed_format::FeedFormat, page_spec::PageSpec, sealed_cursor::open};
use crate::{FeedError, MEDIA_TYPES};
use vitrine_base::{
    paging::{Cursors, LARGEST_PAGE},
    validation::Check,
};
use vitrine_entity::FeedId;

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
