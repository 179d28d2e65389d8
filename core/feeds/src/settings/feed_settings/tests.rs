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
