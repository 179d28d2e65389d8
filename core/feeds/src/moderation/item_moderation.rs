//! What an owner decided about one post.

use vitrine_entity::feed_item;

/// What an owner decided about one post in one feed; everything, also what is as it would be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ItemModeration {
    /// Whether it is left out.
    pub hidden: bool,
    /// Its place, from 1, in a feed that shows pinned posts first.
    pub pinned_position: Option<u32>,
    /// The owner's own description of the picture.
    pub alt_text: Option<String>,
}

impl From<&feed_item::Model> for ItemModeration {
    fn from(row: &feed_item::Model) -> Self {
        Self {
            hidden: row.hidden,
            pinned_position: row.pinned_position.and_then(|place| u32::try_from(place).ok()),
            alt_text: row.alt_text.clone(),
        }
    }
}
