//! A content as it stands in memory.

use crate::{
    FeedCursor, FeedError,
    content::{
        feed_content::{ContentHeader, FeedContent},
        sequence::PackedSequence,
    },
};
use std::sync::Arc;

/// A content whose entries are packed. Pages are seldom written and their bytes are kept apart, so the entries of most
/// contents are not looked at again before they change. Clones share the bytes.
#[derive(Clone, Debug)]
pub(crate) struct PackedContent {
    pub(crate) header: Arc<ContentHeader>,
    sequence: Arc<PackedSequence>,
}

impl PackedContent {
    /// Packs a content, which takes a while where it [is large](ContentHeader::is_large).
    ///
    /// # Errors
    /// [`FeedError::Unwritable`].
    pub(crate) fn pack(content: &FeedContent) -> Result<Self, FeedError> {
        Ok(Self {
            header: Arc::clone(&content.header),
            sequence: PackedSequence::pack(&content.sequence)
                .map_err(FeedError::unwritable)?
                .into(),
        })
    }

    /// The content again, which takes as long.
    ///
    /// # Errors
    /// [`FeedError::Unwritable`].
    pub(crate) fn unpack(&self) -> Result<FeedContent, FeedError> {
        Ok(FeedContent {
            header: Arc::clone(&self.header),
            sequence: self.sequence.unpack().map_err(FeedError::unwritable)?,
        })
    }

    /// Whether [`FeedContent::missing_for`] has to be asked about the page that begins at a bookmark.
    pub(crate) fn may_miss_after(&self, start: FeedCursor) -> bool {
        self.sequence.may_miss_after(start)
    }

    /// About how many bytes of memory it takes.
    pub(crate) fn weight(&self) -> usize {
        self.header.own_weight() + self.sequence.weight()
    }
}
