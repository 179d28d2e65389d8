//! What JSON Feed, RSS and Atom say alike about a whole feed.

use super::{
    RenderContext,
    addresses::{Paging, page_of},
    author::Author,
    entry::Entry,
};
use crate::{settings::default_feed, text::visible_line};
use vitrine_entity::{FeedId, Time, account, feed};

/// A feed's page for people who read feeds.
#[derive(Debug)]
pub(super) struct Head<'a> {
    pub(super) id: FeedId,
    pub(super) title: String,
    /// What the profile says of itself.
    pub(super) description: Option<String>,
    /// The profile's page.
    pub(super) home: String,
    /// The first account; none for a feed without any.
    pub(super) author: Option<Author<'a>>,
    pub(super) paging: Paging,
    /// When its content last changed.
    pub(super) updated: Time,
    /// How long a copy may be kept.
    pub(super) cache_seconds: u32,
    pub(super) entries: Vec<Entry<'a>>,
}

impl<'a> Head<'a> {
    pub(super) fn new(context: &RenderContext<'a>) -> Self {
        let (content, page) = (context.content, context.page());
        let (feed, profile) = (&content.header.feed, content.header.profile());
        let biography = profile.and_then(|profile| profile.biography.as_deref());
        Self {
            id: feed.id,
            title: title(feed, profile),
            description: biography.and_then(visible_line),
            home: page_of(profile.and_then(|profile| profile.username.as_deref())),
            author: profile.and_then(Author::of_account),
            paging: Paging::of(context, context.next_cursor(&page).as_deref()),
            updated: feed.content_changed_at,
            cache_seconds: u32::try_from(feed.cache_seconds).unwrap_or(0),
            entries: page.items.iter().map(|item| Entry::new(content, item)).collect(),
        }
    }

    /// The profile's picture.
    pub(super) fn portrait(&self) -> Option<&str> {
        self.author.as_ref()?.portrait.as_deref()
    }

    /// Who posted an entry, where that is not who the whole feed is by.
    pub(super) fn other_author<'e>(&self, entry: &'e Entry<'a>) -> Option<&'e Author<'a>> {
        let author = entry.author.as_ref();
        author.filter(|_| entry.author != self.author)
    }
}

/// The owner's own name of the feed; for one that came by itself and was never named, its account's.
fn title(feed: &feed::Model, profile: Option<&account::Model>) -> String {
    let own = visible_line(&feed.name);
    if let Some(own) = own.as_ref().filter(|_| feed.name != default_feed::NAME) {
        return own.clone();
    }
    let name = profile.and_then(|profile| visible_line(profile.name.as_deref()?));
    let username = profile.and_then(|profile| visible_line(profile.username.as_deref()?));
    match (name, username) {
        (Some(name), Some(username)) => format!("{name} (@{username})"),
        (Some(name), None) => name,
        (None, Some(username)) => format!("@{username}"),
        (None, None) => own.unwrap_or_else(|| "Instagram".to_owned()),
    }
}
