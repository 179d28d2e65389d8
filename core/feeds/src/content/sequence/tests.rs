use super::*;
use crate::{Caption, curation::tests::post};
use chrono::TimeDelta;
use std::sync::Arc;
use vitrine_entity::media;

/// Entries with captions for names, each older than the one before.
fn chronological(names: &str) -> Vec<Item> {
    let entry = |(age, name): (usize, char)| item(name, age);
    names.chars().enumerate().map(entry).collect()
}

fn item(name: char, age: usize) -> Item {
    let post = post("IMAGE", &name.to_string());
    let posted_at = chrono::DateTime::UNIX_EPOCH - TimeDelta::seconds(i64::try_from(age).unwrap());
    Item {
        post: Arc::new(media::Model { posted_at, ..post }),
        caption: Arc::new(Caption::default()),
        child: None,
        own_alt_text: None,
        pin: None,
    }
}

fn pin(name: char, place: u32) -> Item {
    let item = item(name, 0);
    Item {
        pin: Some(Pin::new(place, item.post.posted_at, item.post.id)),
        ..item
    }
}

fn names(items: &[&Item]) -> String {
    items
        .iter()
        .filter_map(|item| item.post.caption.clone())
        .collect()
}

/// All pages of so many entries, forward.
fn pages(sequence: &Sequence, most: u32) -> Vec<String> {
    let (mut read, mut at) = (vec![], Some(FeedCursor::default()));
    while let Some(start) = at {
        let page = sequence.page(start, most);
        read.push(names(&page.items));
        at = page.next;
    }
    read
}

#[test]
fn pinned_entries_stand_where_they_are_pinned_and_last_where_the_feed_is_shorter() {
    let pins = || vec![pin('Z', 90), pin('Y', 2), pin('X', 2)];

    assert_eq!(
        names(&Sequence::new(chronological("abcd"), pins(), 100).items()),
        "aYXbcdZ"
    );
    assert_eq!(
        names(&Sequence::new(chronological("abcd"), pins(), 4).items()),
        "aYXb"
    );
    assert_eq!(names(&Sequence::new(vec![], pins(), 100).items()), "YXZ");
    assert_eq!(names(&Sequence::new(vec![], vec![], 100).items()), "");
}

#[test]
fn pages_of_any_size_are_the_whole() {
    let sequence = Sequence::new(
        chronological("abcdefgh"),
        vec![pin('X', 1), pin('Y', 4), pin('Z', 50)],
        10,
    );

    for size in 1..12 {
        let pages = pages(&sequence, size);
        assert_eq!(pages.concat(), "XabYcdefgh", "{size}");
        assert!(pages.iter().all(|page| !page.is_empty()), "{size}");
    }
}

#[test]
fn a_page_before_another_ends_where_that_begins() {
    let sequence = Sequence::new(
        chronological("abcdefgh"),
        vec![pin('X', 1), pin('Y', 4), pin('Z', 50)],
        100,
    );
    let whole = sequence.items();
    let mut at = FeedCursor::default();

    for (number, item) in whole.iter().enumerate() {
        let before = sequence.page_before(at, 3);
        assert_eq!(
            names(&before.items),
            names(&whole[number.saturating_sub(3)..number]),
            "{number}"
        );
        at = at.past(item);
    }
}

#[test]
fn a_page_before_repeats_nothing_whatever_arrived_or_went() {
    let x = pin('X', 4);
    let old = Sequence::new(chronological("abcde"), vec![x.clone()], 100);
    let second = old.page(FeedCursor::default(), 3).next.unwrap();
    assert_eq!(names(&old.page(second, 10).items), "Xde");
    let mut newer = old.chronological.clone();
    newer.insert(0, item('n', 0));
    newer.retain(|item| item.post.caption.as_deref() != Some("c"));
    let new = Sequence::new(newer, vec![x], 100);

    let before = new.page_before(second, 2);

    assert_eq!(names(&before.items), "ab");
    assert_eq!(before.next, Some(second));
    assert_eq!(names(&new.page_before(before.start, 2).items), "n");
}

#[test]
fn entries_that_arrive_or_go_move_no_page() {
    let x = pin('X', 2);
    let old = Sequence::new(chronological("abcdef"), vec![x.clone()], 100);
    let first = old.page(FeedCursor::default(), 3);
    assert_eq!(names(&first.items), "aXb");
    let mut newer = old.chronological.clone();
    newer.insert(0, item('n', 0));
    let is_c = |item: &Item| item.post.caption.as_deref() == Some("c");
    newer.retain(|item| !is_c(item));
    let new = Sequence::new(newer, vec![x], 100);

    assert_eq!(names(&new.page(first.next.unwrap(), 10).items), "def");
}

#[test]
fn pinned_entries_that_come_or_go_make_no_page_repeat_or_skip_another() {
    let (x, y, z) = (pin('X', 1), pin('Y', 2), pin('Z', 7));
    let showing = |pins: &[&Item]| {
        let pins = pins.iter().map(|pin| (*pin).clone()).collect();
        Sequence::new(chronological("abcdefgh"), pins, 100)
    };
    let behind_first = |old: &Sequence| old.page(FeedCursor::default(), 4).next.unwrap();

    let both = behind_first(&showing(&[&x, &y, &z]));
    assert_eq!(names(&showing(&[&y, &z]).page(both, 10).items), "cdZefgh");
    let second_only = behind_first(&showing(&[&y, &z]));
    assert_eq!(
        names(&showing(&[&x, &y, &z]).page(second_only, 10).items),
        "deZfgh"
    );
}

#[test]
fn a_page_that_lies_behind_all_that_is_held_is_known() {
    let old = Sequence::new(chronological("abcdefgh"), vec![pin('X', 6)], 8).with_more(true);
    let at = |read: u32| old.page(FeedCursor::default(), read).next.unwrap();
    let held = |names| Sequence::new(chronological(names), vec![], 8).with_more(true);

    assert_eq!(old.missing_after(at(3), 5), None, "the limit ends it");
    let after_c = at(3).behind;
    assert_eq!(held("abcdef").missing_after(at(3), 2), None);
    assert_eq!(
        held("abcdef").missing_after(at(3), 3),
        after_c,
        "is there a page more?"
    );
    assert_eq!(held("").missing_after(at(3), 1), after_c);
    assert_eq!(
        held("ab").missing_after(FeedCursor::default(), 8),
        None,
        "first pages have all"
    );
    assert_eq!(held("abcd").with_more(false).missing_after(at(3), 8), None);
}
