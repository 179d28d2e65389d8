//! What owners decide about their feeds.

use crate::{Caption, MEDIA_TYPES, curation::case_folding::fold_case};
use std::collections::HashSet;
use vitrine_base::{
    paging::LARGEST_PAGE,
    validation::{Check, FieldError},
};
use vitrine_entity::{
    AccountId, FeedId, StringList, TenantId, Time,
    feed::{self, FeedLayout, FeedOrder, Reels, WordFilter},
};

const LONGEST_NAME: usize = 100;
const LONGEST_WORD: usize = 200;
const MOST_WORDS: usize = 50;
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

/// New words of a filter; a list that is not named stays.
#[derive(Clone, Debug, Default)]
pub struct WordChange {
    /// A post needs one of these, when there are any.
    pub include: Option<Vec<String>>,
    /// A post with one of these stays out.
    pub exclude: Option<Vec<String>>,
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

/// A hashtag without its sign.
fn hashtag(word: &str, field: &str, check: &mut Check) -> String {
    let tag = word.strip_prefix(['#', '＃']).unwrap_or(word);
    let sign = format!("#{tag}");
    if Caption::hashtags_of(&sign).next() != Some(tag) {
        check.refuse(
            field,
            "invalid_hashtag",
            "must be one hashtag: letters, digits and _ only",
        );
    }
    tag.to_owned()
}

impl WordChange {
    fn apply(&self, field: &str, filter: &mut WordFilter, kind: &WordKind, check: &mut Check) {
        if let Some(words) = &self.include {
            filter.include = bare(words_of(&format!("{field}.include"), words, kind, check));
        }
        if self.include.is_none() && self.exclude.is_none() {
            return;
        }
        let excluded = match &self.exclude {
            Some(words) => words_of(&format!("{field}.exclude"), words, kind, check),
            None => std::mem::take(&mut filter.exclude)
                .into_iter()
                .enumerate()
                .collect(),
        };
        refuse_contradictions(field, &filter.include, &excluded, kind, check);
        filter.exclude = bare(excluded);
    }
}

/// What the words of a filter are.
struct WordKind {
    /// A word as it is kept; the field's name is for what is refused about it.
    read: fn(&str, &str, &mut Check) -> String,
    /// Whether everything that has the one word also has the other, both folded.
    implies: fn(&str, &str) -> bool,
}

const HASHTAGS: WordKind = WordKind {
    read: hashtag,
    implies: |tag, other| tag == other,
};

const WORDS: WordKind = WordKind {
    read: |word, _, _| word.to_owned(),
    implies: |word, other| word.contains(other),
};

fn bare(words: Vec<(usize, String)>) -> Vec<String> {
    words.into_iter().map(|(_, word)| word).collect()
}

/// The words of a list, each once, and where they stand first.
fn words_of(field: &str, given: &[String], kind: &WordKind, check: &mut Check) -> Vec<(usize, String)> {
    if given.len() > MOST_WORDS {
        check.refuse(field, "too_many", format!("must have at most {MOST_WORDS} words"));
    }
    let (mut seen, mut words) = (HashSet::new(), Vec::new());
    for (index, word) in given.iter().enumerate() {
        let field = format!("{field}[{index}]");
        let text = check.text(&field, word, LONGEST_WORD);
        if text.is_empty() {
            continue;
        }
        let word = (kind.read)(&text, &field, check);
        if seen.insert(fold_case(&word)) {
            words.push((index, word));
        }
    }
    words
}

/// An excluded word that is asked for too is a mistake; and where every post that is let in is kept out again, nothing
/// could ever be shown.
fn refuse_contradictions(
    field: &str,
    included: &[String],
    excluded: &[(usize, String)],
    kind: &WordKind,
    check: &mut Check,
) {
    let included: Vec<String> = included.iter().map(|word| fold_case(word)).collect();
    let excluded: Vec<(usize, String)> = excluded
        .iter()
        .map(|(index, word)| (*index, fold_case(word)))
        .collect();
    let keeps_out = |word: &str, needed: &String| (kind.implies)(needed, word);
    let nothing_left = included
        .iter()
        .all(|needed| excluded.iter().any(|(_, word)| keeps_out(word, needed)));
    for (index, word) in &excluded {
        let is_at_fault = nothing_left && included.iter().any(|needed| keeps_out(word, needed));
        if is_at_fault || included.contains(word) {
            let field = format!("{field}.exclude[{index}]");
            check.refuse(&field, "contradiction", "excludes what `include` asks for");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrine_base::clock::{Clock, SystemClock};

    fn blank() -> feed::Model {
        new_feed(TenantId::generate(), "", SystemClock.now())
    }

    fn named() -> FeedSettings {
        FeedSettings {
            name: Some(" Front page ".into()),
            ..FeedSettings::default()
        }
    }

    fn list(words: &[&str]) -> Option<Vec<String>> {
        Some(words.iter().map(ToString::to_string).collect())
    }

    fn refused(settings: &FeedSettings) -> Vec<(String, &'static str)> {
        let errors = settings.apply(blank()).unwrap_err();
        errors
            .into_iter()
            .map(|error| (error.field, error.code))
            .collect()
    }

    #[test]
    fn a_name_is_enough() {
        let feed = named().apply(blank()).unwrap();

        assert_eq!(feed.name, "Front page");
        assert_eq!(feed.media_types.0, ["IMAGE"]);
        assert_eq!((feed.item_limit, feed.cache_seconds), (100, 300));
    }

    #[test]
    fn pages_follow_a_limit_that_was_named() {
        let limited = |limit| FeedSettings { limit, ..named() }.apply(blank()).unwrap();
        let size = |limit| limited(limit).page_size;

        assert_eq!(
            (size(None), size(Some(Some(50))), size(Some(Some(400)))),
            (None, Some(50), Some(100))
        );
    }

    #[test]
    fn a_limit_that_is_taken_back_is_as_if_it_had_never_been_named() {
        let settings = |limit| FeedSettings { limit, ..named() };
        let limited = settings(Some(Some(50))).apply(blank()).unwrap();

        let stays = settings(None).apply(limited.clone()).unwrap();
        let back = settings(Some(None)).apply(limited).unwrap();

        assert_eq!((stays.item_limit, stays.page_size), (50, Some(50)));
        assert_eq!((back.item_limit, back.page_size), (100, None));
    }

    #[test]
    fn words_are_kept_once_and_hashtags_without_their_sign() {
        let feed = FeedSettings {
            hashtags: WordChange {
                include: list(&["#Straße", "STRASSE", "東京"]),
                exclude: None,
            },
            media_types: list(&["VIDEO", "IMAGE", "VIDEO"]),
            ..named()
        }
        .apply(blank())
        .unwrap();

        assert_eq!(feed.hashtags.include, ["Straße", "東京"]);
        assert_eq!(feed.media_types.0, ["IMAGE", "VIDEO"]);
    }

    #[test]
    fn everything_that_is_wrong_is_named_at_once() {
        let settings = FeedSettings {
            name: Some(" ".into()),
            media_types: list(&["IMAGE", "GIF"]),
            hashtags: WordChange {
                include: list(&["two words", "#a"]),
                exclude: list(&["A", ""]),
            },
            caption: WordChange {
                include: list(&["zero\u{0}byte"]),
                exclude: None,
            },
            limit: Some(Some(0)),
            cache_seconds: Some(10_000_000),
            allowed_origins: list(&["example.com"]),
            ..FeedSettings::default()
        };

        let wanted = [
            ("name", "required"),
            ("media_types[1]", "unknown_type"),
            ("hashtags.include[0]", "invalid_hashtag"),
            ("hashtags.exclude[1]", "required"),
            ("hashtags.exclude[0]", "contradiction"),
            ("caption.include[0]", "invalid_characters"),
            ("limit", "out_of_range"),
            ("allowed_origins[0]", "invalid_origin"),
            ("cache_seconds", "out_of_range"),
        ];
        assert_eq!(
            refused(&settings),
            wanted.map(|(field, code)| (field.to_owned(), code))
        );
    }

    #[test]
    fn what_could_never_be_shown_is_named_where_it_stands() {
        let change = |include, exclude| WordChange {
            include: list(include),
            exclude: list(exclude),
        };
        let settings = FeedSettings {
            hashtags: change(&["a", "bc"], &["x", "X", "A", "b"]),
            caption: change(&["Sold out"], &["\u{200b}", "sold"]),
            ..named()
        };
        let some_left = FeedSettings {
            caption: change(&["sold out", "new"], &["sold"]),
            ..named()
        };
        assert!(some_left.apply(blank()).is_ok());

        let wanted = [
            ("hashtags.exclude[2]", "contradiction"),
            ("caption.exclude[0]", "required"),
            ("caption.exclude[1]", "contradiction"),
        ];
        assert_eq!(
            refused(&settings),
            wanted.map(|(field, code)| (field.to_owned(), code))
        );
    }

    #[test]
    fn a_list_that_stays_is_held_against_one_that_changes() {
        let mut feed = blank();
        feed.name = "Front page".into();
        feed.caption.exclude = vec!["sold".into()];
        let settings = FeedSettings {
            caption: WordChange {
                include: list(&["sold out"]),
                exclude: None,
            },
            ..FeedSettings::default()
        };

        let errors = settings.apply(feed).unwrap_err();

        assert_eq!(errors[0].field, "caption.exclude[0]");
    }

    #[test]
    fn lists_that_stay_are_not_looked_at_again() {
        let mut feed = blank();
        feed.caption.include = vec!["sold out".into()];
        feed.caption.exclude = vec!["sold".into()];

        assert!(named().apply(feed).is_ok());
    }

    #[test]
    fn a_feed_without_types_or_a_name_is_refused() {
        let settings = FeedSettings {
            media_types: Some(vec![]),
            ..FeedSettings::default()
        };

        assert_eq!(
            refused(&settings),
            [("name".into(), "required"), ("media_types".into(), "required")]
        );
    }
}
