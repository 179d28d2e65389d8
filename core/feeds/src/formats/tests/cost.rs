//! What it costs to write a feed.

use super::*;
use crate::{Fields, GraphObject, GraphQuery, Period};
use std::{fs, time::Instant};

/// Memory as the program takes it: writing a feed is many small pieces.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Two milliseconds, where the program is built as it is run; without optimisation only what would be a
/// mistake and no slowness.
const MOST_MILLISECONDS: f64 = if cfg!(debug_assertions) { 50.0 } else { 2.0 };

/// How often each form is written: the kernel counts in steps of some milliseconds.
const TIMES: u32 = if cfg!(debug_assertions) { 20 } else { 500 };

/// Milliseconds that this thread has computed, or that passed where Linux does not say.
fn computed(since: Instant) -> f64 {
    let spent = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let spent = spent.and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    spent.map_or_else(
        || since.elapsed().as_secs_f64() * 1e3,
        |nanoseconds| nanoseconds / 1e6,
    )
}

/// In a release build: `cargo test --release -p vitrine-feeds --lib -- --nocapture cost`.
#[test]
fn a_hundred_entries_are_written_within_their_time() {
    let content = content(vec![account()], (1..=100).map(post).collect());
    let began = Instant::now();
    let graph = GraphQuery {
        version: None,
        object: GraphObject::MyMedia,
        fields: Fields::parse(
            "id,caption,media_type,media_url,permalink,thumbnail_url,timestamp,username,children{media_url}",
        )
        .unwrap(),
        period: Period::default(),
        escape: true,
    };
    for form in [
        FeedFormat::Photos,
        FeedFormat::JsonFeed,
        FeedFormat::Rss,
        FeedFormat::Atom,
        FeedFormat::Behold,
        FeedFormat::Graph(graph.into()),
    ] {
        let feed_query = FeedQuery {
            limit: Some(100),
            ..FeedQuery::of(form.clone())
        };
        let before = computed(began);
        for _ in 0..TIMES {
            assert!(written(&content, feed_query.clone()).body.len() > 20_000);
        }
        let each = (computed(began) - before) / f64::from(TIMES);
        println!("{form:?}: {each:.3} ms");
        assert!(each < MOST_MILLISECONDS, "{form:?} takes {each} ms");
    }
}

#[test]
fn a_page_that_takes_long_is_made_apart_and_an_ordinary_one_is_not() {
    let wordy = |number| media::Model {
        caption: Some("🎉".repeat(2_150)),
        ..post(number)
    };
    let ordinary = content(vec![account()], (1..=25).map(post).collect());
    let wordy = content(vec![account()], (1..=100).map(wordy).collect());

    assert!(!ordinary.header.makes_large_pages(25));
    assert!(!wordy.header.makes_large_pages(3));
    assert!(wordy.header.makes_large_pages(8));
}
