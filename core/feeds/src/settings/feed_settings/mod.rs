//! What owners decide about their feeds.

#[cfg(test)]
mod tests;

use crate::MEDIA_TYPES;
use crate::settings::word_change::{HASHTAGS, WORDS, WordChange};
use vitrine_base::{
    paging::LARGEST_PAGE,
    validation::{Check, FieldError},
};
use vitrine_entity::{
    AccountId, FeedId, StringList, TenantId, Time,
    feed::{self, FeedLayout, FeedOrder, Reels, WordFilter},
};

const LONGEST_NAME: usize = 100;
const MOST_ORIGINS: usize = 50;
const MOST_ACCOUNTS: usize = 100;
/// Most posts that a feed shows.
const MOST_ITEMS: u32 = 1_000;
/// A week.
const LONGEST_CACHE_SECONDS: u32 = 604_800;
/// Most posts that a feed shows unless its owner says otherwise.
const ITEMS: i32 = 100;
/// How long a browser may keep a feed, in seconds.
const CACHE_SECONDS: i32 = 300;

/// What an owner decides about a feed. What is not named stays as it is; a new feed has a default for it.
#[derive(Clone, Debug, Default)]
pub struct FeedSettings {
    /// What the owner calls it; a new feed needs one.
    pub name: Option<String>,
    /// Accounts that it shows; by default all that the tenant has.
    pub account_ids: Option<Vec<AccountId>>,
    /// Media types that it shows; by default pictures.
    pub media_types: Option<Vec<String>>,
    /// Whether the pictures of albums are shown one by one, where albums are not shown whole.
    pub include_children: Option<bool>,
    /// Which reels are shown.
    pub reels: Option<Reels>,
    /// Hashtags in and out, with or without their sign.
    pub hashtags: WordChange,
    /// Caption text in and out.
    pub caption: WordChange,
    /// Most posts that it shows, and that stand on one of its pages as far as pages go (100); 1 to 1,000.
    /// None inside takes the owner's word back: the defaults of both hold again.
    pub limit: Option<Option<u32>>,
    /// Which post comes first.
    pub order: Option<FeedOrder>,
    /// How the embed shows it.
    pub layout: Option<FeedLayout>,
    /// Origins it may be read from; empty means any.
    pub allowed_origins: Option<Vec<String>>,
    /// How long a browser may keep it; up to a week.
    pub cache_seconds: Option<u32>,
}

/// A feed as it is before its owner decides anything.
pub(crate) fn new_feed(tenant: TenantId, name: &str, now: Time) -> feed::Model {
    feed::Model {
        id: FeedId::generate(),
        tenant_id: tenant,
        name: name.to_owned(),
        is_default: false,
        media_types: ["IMAGE"].into_iter().collect(),
        include_children: false,
        reels: Reels::Include,
        hashtags: WordFilter::default(),
        caption: WordFilter::default(),
        item_limit: ITEMS,
        page_size: None,
        item_order: FeedOrder::Newest,
        layout: FeedLayout::Grid,
        allowed_origins: StringList::default(),
        cache_seconds: CACHE_SECONDS,
        version: 1,
        content_changed_at: now,
        created_at: now,
        updated_at: now,
    }
}

impl FeedSettings {
    /// The feed with these settings.
    ///
    /// # Errors
    /// Every setting that is refused.
    pub(crate) fn apply(&self, mut feed: feed::Model) -> Result<feed::Model, Vec<FieldError>> {
        let mut check = Check::default();
        if let Some(name) = &self.name {
            feed.name = check.text("name", name, LONGEST_NAME);
        } else if feed.name.is_empty() {
            check.refuse("name", "required", "must not be empty");
        }
        self.check_accounts(&mut check);
        self.apply_selection(&mut feed, &mut check);
        self.apply_presentation(&mut feed, &mut check);
        check.finish().map(|()| feed)
    }

    fn check_accounts(&self, check: &mut Check) {
        if self
            .account_ids
            .as_ref()
            .is_some_and(|ids| ids.len() > MOST_ACCOUNTS)
        {
            let message = format!("must have at most {MOST_ACCOUNTS} accounts");
            check.refuse("account_ids", "too_many", message);
        }
    }

    fn apply_selection(&self, feed: &mut feed::Model, check: &mut Check) {
        if let Some(types) = &self.media_types {
            feed.media_types = media_types(types, check);
        }
        feed.include_children = self.include_children.unwrap_or(feed.include_children);
        feed.reels = self.reels.unwrap_or(feed.reels);
        self.hashtags
            .apply("hashtags", &mut feed.hashtags, &HASHTAGS, check);
        self.caption.apply("caption", &mut feed.caption, &WORDS, check);
    }

    fn apply_presentation(&self, feed: &mut feed::Model, check: &mut Check) {
        match self.limit {
            Some(Some(limit)) => {
                feed.item_limit = within("limit", limit, 1, MOST_ITEMS, check);
                feed.page_size = i32::try_from(limit.min(LARGEST_PAGE)).ok();
            }
            Some(None) => (feed.item_limit, feed.page_size) = (ITEMS, None),
            None => {}
        }
        feed.item_order = self.order.unwrap_or(feed.item_order);
        feed.layout = self.layout.unwrap_or(feed.layout);
        if let Some(origins) = &self.allowed_origins {
            feed.allowed_origins = StringList(check.origins("allowed_origins", origins, MOST_ORIGINS));
        }
        if let Some(seconds) = self.cache_seconds {
            feed.cache_seconds = within("cache_seconds", seconds, 0, LONGEST_CACHE_SECONDS, check);
        }
    }
}

fn within(field: &str, value: u32, least: u32, most: u32, check: &mut Check) -> i32 {
    if !(least..=most).contains(&value) {
        check.refuse(
            field,
            "out_of_range",
            format!("must be between {least} and {most}"),
        );
    }
    i32::try_from(value).unwrap_or(i32::MAX)
}

/// Known types, each once, in the order of [`MEDIA_TYPES`].
fn media_types(types: &[String], check: &mut Check) -> StringList {
    if types.is_empty() {
        check.refuse("media_types", "required", "must name at least one media type");
    }
    for (index, unknown) in types.iter().enumerate() {
        if !MEDIA_TYPES.contains(&unknown.as_str()) {
            let message = "must be IMAGE, VIDEO or CAROUSEL_ALBUM";
            check.refuse(&format!("media_types[{index}]"), "unknown_type", message);
        }
    }
    let known = MEDIA_TYPES.into_iter();
    known
        .filter(|known| types.iter().any(|named| named == known))
        .collect()
}
