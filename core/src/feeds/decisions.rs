//! What the owner decided about single posts of a feed, as far as its content depends on it.

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QueryOrder};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};
use vitrine_entity::{
    MediaId, TenantOwned,
    feed::{self, FeedOrder},
    feed_item,
};

/// The owner's decisions about single posts of a feed.
#[derive(Debug, Default)]
pub(super) struct Decisions {
    hidden: HashSet<MediaId>,
    alt_texts: HashMap<MediaId, Arc<str>>,
    /// Pinned posts and their places; of two at one place the one pinned last comes first.
    pub(super) pins: Vec<(u32, MediaId)>,
}

impl Decisions {
    /// What is decided in a feed.
    pub(super) async fn of(connection: &impl ConnectionTrait, feed: &feed::Model) -> Result<Self, DbErr> {
        let rows = feed_item::Entity::of(feed.tenant_id)
            .filter(feed_item::Column::FeedId.eq(feed.id))
            .order_by_asc(feed_item::Column::PinnedPosition)
            .order_by_desc(feed_item::Column::UpdatedAt)
            .order_by_asc(feed_item::Column::MediaId)
            .all(connection)
            .await?;
        let mut decisions = Self::default();
        for row in rows {
            decisions.note(feed, row);
        }
        Ok(decisions)
    }

    fn note(&mut self, feed: &feed::Model, row: feed_item::Model) {
        if row.hidden {
            self.hidden.insert(row.media_id);
        }
        if let Some(text) = row.alt_text {
            self.alt_texts.insert(row.media_id, text.into());
        }
        let place = row.pinned_position.and_then(|place| u32::try_from(place).ok());
        if let (Some(place), FeedOrder::Pinned) = (place, feed.item_order) {
            self.pins.push((place, row.media_id));
        }
    }

    /// Whether a post is hidden.
    pub(super) fn hides(&self, post: MediaId) -> bool {
        self.hidden.contains(&post)
    }

    /// Whether a post is pinned.
    pub(super) fn pins(&self, post: MediaId) -> bool {
        self.pins.iter().any(|(_, pinned)| *pinned == post)
    }

    /// The owner's own description of a post.
    pub(super) fn alt_text(&self, post: MediaId) -> Option<Arc<str>> {
        self.alt_texts.get(&post).cloned()
    }
}
