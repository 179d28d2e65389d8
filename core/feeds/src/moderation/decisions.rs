//! What the owner decided about single posts of a feed, as far as its content depends on it.

use crate::Pin;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter};
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
pub(crate) struct Moderation {
    hidden: HashSet<MediaId>,
    alt_texts: HashMap<MediaId, Arc<str>>,
    /// Pinned posts, each once, in no order.
    pub(crate) pins: Vec<Pin>,
}

impl Moderation {
    /// What is decided in a feed.
    pub(crate) async fn of(connection: &impl ConnectionTrait, feed: &feed::Model) -> Result<Self, DbErr> {
        let rows = feed_item::Entity::of(feed.tenant_id)
            .filter(feed_item::Column::FeedId.eq(feed.id))
            .all(connection)
            .await?;
        let mut moderation = Self::default();
        for row in rows {
            moderation.note(feed, row);
        }
        Ok(moderation)
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
            self.pins.push(Pin::new(place, row.updated_at, row.media_id));
        }
    }

    /// Whether a post is hidden.
    pub(crate) fn hides(&self, post: MediaId) -> bool {
        self.hidden.contains(&post)
    }

    /// Whether a post is pinned.
    pub(crate) fn pins(&self, post: MediaId) -> bool {
        self.pins.iter().any(|pin| pin.post() == post)
    }

    /// The owner's own description of a post.
    pub(crate) fn alt_text(&self, post: MediaId) -> Option<Arc<str>> {
        self.alt_texts.get(&post).cloned()
    }
}
