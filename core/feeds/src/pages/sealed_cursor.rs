//! Cursors as visitors have them: sealed for the feed that they were made for.

use crate::{FeedCursor, FeedError};
use vitrine_base::paging::Cursors;
use vitrine_entity::FeedId;

/// A cursor is good for one feed, and for the one type that it was made for.
fn list(feed: FeedId, media_type: Option<&str>) -> String {
    format!("photos:{feed}:{}", media_type.unwrap_or_default())
}

/// The bookmark that a cursor of a feed carries.
pub(super) fn open(
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
