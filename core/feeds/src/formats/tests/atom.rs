//! Atom.

use super::*;
use atom_syndication::Feed;

fn read(content: &FeedContent, feed_query: FeedQuery) -> Feed {
    Feed::read_from(&*written(content, feed_query).body).unwrap()
}

fn linked<'f>(links: &'f [atom_syndication::Link], rel: &str) -> Vec<&'f str> {
    let links = links.iter().filter(|link| link.rel == rel);
    links.map(|link| link.href.as_str()).collect()
}

#[test]
fn it_has_what_atom_demands() {
    let feed = read(
        &content(vec![account()], assorted()),
        FeedQuery::of(FeedFormat::Atom),
    );

    assert_eq!(feed.id, format!("urn:uuid:{}", id(2)));
    assert_eq!(feed.title.value, "Vitrine & <Demo> (@vitrine.demo)");
    assert_eq!(feed.updated, moment());
    assert_eq!(feed.authors[0].name, "vitrine.demo");
    assert_eq!(
        linked(&feed.links, "self"),
        [format!(
            "https://photos.example/vitrine/v1/feeds/{}/feed.atom",
            id(2)
        )]
    );
    assert_eq!(
        linked(&feed.links, "alternate"),
        ["https://www.instagram.com/vitrine.demo/"]
    );
    let entry = &feed.entries[0];
    assert_eq!(entry.id, format!("urn:uuid:{}", id(1_001)));
    assert_eq!(
        (Some(entry.updated), entry.published),
        (entry.published, Some("2017-08-31T17:10:00Z".parse().unwrap()))
    );
    assert_eq!(
        linked(&entry.links, "alternate"),
        ["https://www.instagram.com/p/1/"]
    );
    assert_eq!(
        linked(&entry.links, "enclosure"),
        ["https://cdn.example/1_n.jpg?stp=dst-jpg&x=1"]
    );
    let content = entry.content.as_ref().unwrap();
    assert_eq!(content.content_type.as_deref(), Some("html"));
    assert!(
        content
            .value
            .as_ref()
            .unwrap()
            .contains("&lt;b&gt;Überraschung&lt;/b&gt;")
    );
    let tags: Vec<_> = entry
        .categories
        .iter()
        .map(|category| category.term.as_str())
        .collect();
    assert_eq!(tags, ["Straße", "東京"]);
    assert_eq!(
        entry.extensions["media"]["thumbnail"][0].attrs["url"],
        "https://cdn.example/1_n.jpg?stp=dst-jpg&x=1"
    );
}

#[test]
fn albums_and_poor_posts_are_entries() {
    let feed = read(
        &content(vec![account()], assorted()),
        FeedQuery::of(FeedFormat::Atom),
    );

    assert_eq!(
        linked(&feed.entries[2].links, "enclosure"),
        ["https://cdn.example/a0.png", "https://cdn.example/a1.mp4"]
    );
    let poor = &feed.entries[3];
    assert_eq!((poor.title.value.as_str(), poor.links.len()), ("Photo", 0));
    assert!(
        poor.content.as_ref().unwrap().value.is_some(),
        "without a link Atom demands content"
    );
}

#[test]
fn the_same_feed_is_the_same_document_and_likes_are_no_news() {
    let liked = media::Model {
        like_count: Some(8),
        updated_at: moment() + chrono::Duration::hours(1),
        ..post(1)
    };
    let before = text(
        &content(vec![account()], vec![post(1)]),
        FeedQuery::of(FeedFormat::Atom),
    );

    assert_eq!(
        text(
            &content(vec![account()], vec![post(1)]),
            FeedQuery::of(FeedFormat::Atom)
        ),
        before
    );
    assert_eq!(
        text(
            &content(vec![account()], vec![liked]),
            FeedQuery::of(FeedFormat::Atom)
        ),
        before
    );
}

#[test]
fn nothing_that_xml_forbids_is_in_it() {
    let document = text(
        &content(vec![account()], vec![post(1)]),
        FeedQuery::of(FeedFormat::Atom),
    );

    assert!(!document.contains(['\u{0}', '\u{1}', '\u{b}', '\u{fffe}', '\u{202e}']));
}

#[test]
fn pages_are_linked() {
    let content = content(vec![account()], (1..=3).map(post).collect());
    let first = read(&content, inner_page(FeedFormat::Atom));
    let next = linked(&first.links, "next")[0].to_owned();
    let second = read(
        &content,
        FeedQuery {
            cursor: cursor(&next),
            ..inner_page(FeedFormat::Atom)
        },
    );

    assert_eq!(linked(&second.links, "self"), [next]);
    assert_eq!(linked(&second.links, "first"), linked(&first.links, "self"));
    assert!(linked(&second.links, "next").is_empty());
    assert_eq!((first.id, second.entries.len()), (second.id, 1));
}

#[test]
fn a_feed_without_anything_has_an_author_still() {
    let feed = read(&content(vec![], vec![]), FeedQuery::of(FeedFormat::Atom));

    assert_eq!(
        (feed.authors[0].name.as_str(), feed.entries.len()),
        ("default", 0)
    );
}

#[test]
fn names_of_which_nothing_can_be_seen_leave_no_empty_ones() {
    let nameless = account::Model {
        username: Some("\u{0}".into()),
        name: None,
        ..account()
    };
    let mut content = content(vec![nameless], vec![post(1)]);
    Arc::get_mut(&mut content.header).unwrap().feed.name = "\u{202e}".into();
    let feed = read(&content, FeedQuery::of(FeedFormat::Atom));

    assert_eq!(
        (feed.title.value.as_str(), feed.authors[0].name.as_str()),
        ("Instagram", "Instagram")
    );
    assert_eq!(feed.entries[0].authors[0].name, "old.name");
}
