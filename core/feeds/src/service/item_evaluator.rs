//! Whether a feed shows a post, and why not, for its owner.

use crate::{
    ItemModeration,
    content::feed_content::FeedContent,
    curation::{Reason, Rule},
};
use std::collections::HashSet;
use vitrine_entity::{MediaId, feed::FeedOrder, feed_item, media};

/// A post as its owner sees it in one feed.
#[derive(Clone, Debug)]
pub struct FeedItem {
    /// The post.
    pub post: media::Model,
    /// What was decided about it.
    pub decision: ItemModeration,
    /// Why the feed does not show it; empty where it does.
    pub reasons: Vec<Reason>,
    /// Whether its pin counts for nothing, because the feed's order takes no notice of pins.
    pub is_pin_idle: bool,
}

/// Judges posts of a feed.
pub(crate) struct ItemEvaluator {
    rule: Rule,
    order: FeedOrder,
    shown: HashSet<MediaId>,
    decided: Vec<feed_item::Model>,
}

impl ItemEvaluator {
    /// Judges by what a feed shows, and by what was decided about the posts in question.
    pub(crate) fn new(content: &FeedContent, decided: Vec<feed_item::Model>) -> Self {
        Self {
            rule: Rule::of(&content.header.feed, None),
            order: content.header.feed.item_order,
            shown: content.sequence.items().iter().map(|item| item.post.id).collect(),
            decided,
        }
    }

    /// A post as its owner sees it.
    pub(crate) fn item(&self, post: media::Model) -> FeedItem {
        let row = self.decided.iter().find(|row| row.media_id == post.id);
        let decision = row.map(ItemModeration::from).unwrap_or_default();
        let mut reasons = Vec::new();
        reasons.extend(decision.hidden.then_some(Reason::HiddenByOwner));
        reasons.extend(self.rule.reasons(&post));
        if reasons.is_empty() && !self.shown.contains(&post.id) {
            reasons.push(Reason::BeyondLimit);
        }
        FeedItem {
            is_pin_idle: decision.pinned_position.is_some() && self.order != FeedOrder::Pinned,
            post,
            decision,
            reasons,
        }
    }
}
