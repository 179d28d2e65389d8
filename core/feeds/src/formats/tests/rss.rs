//! RSS with Media RSS.

use super::*;
use ::rss::Channel;

fn read(content: &FeedContent, feed_query: FeedQuery) -> Channel {
    Channel::read_from(&*written(content, feed_query).body).unwrap()
}

#[test]
fn it_has_what_rss_demands_and_media_beside() {
    let channel = read(
        &content(vec![account()], assorted()),
        FeedQuery::of(FeedFormat::Rss),
    );

    assert_eq!(channel.title, "Vitrine & <Demo> (@vitrine.demo)");
    assert_eq!(channel.link, "https://www.instagram.com/vitrine.demo/");
    assert_eq!(channel.description, "Pictures & more");
    assert_eq!(
        channel.last_build_date.as_deref(),
        Some("Thu, 31 Aug 2017 18:10:00 +0000")
    );
    assert_eq!(channel.ttl.as_deref(), Some("5"));
    assert_eq!(
        channel.image.as_ref().unwrap().url,
        "https://cdn.example/me.jpg?a=1&b=2"
    );
    let item = &channel.items[0];
    let guid = item.guid.as_ref().unwrap();
    assert_eq!(
        (guid.value.as_str(), guid.permalink),
        (format!("urn:uuid:{}", id(1_001)).as_str(), false)
    );
    assert_eq!(item.pub_date.as_deref(), Some("Thu, 31 Aug 2017 17:10:00 +0000"));
    let enclosure = item.enclosure.as_ref().unwrap();
    assert_eq!(
        (enclosure.mime_type.as_str(), enclosure.length.as_str()),
        ("image/jpeg", "0")
    );
    let tags: Vec<_> = item
        .categories
        .iter()
        .map(|category| category.name.as_str())
        .collect();
    assert_eq!(tags, ["Straße", "東京"]);
    assert_eq!(item.dublin_core_ext.as_ref().unwrap().creators, ["vitrine.demo"]);
    let media = &item.extensions["media"];
    let content = &media["content"][0];
    assert_eq!(
        content.attrs["url"],
        "https://cdn.example/1_n.jpg?stp=dst-jpg&x=1"
    );
    assert_eq!(
        (&*content.attrs["type"], &*content.attrs["medium"]),
        ("image/jpeg", "image")
    );
    let description = content
        .children
        .values()
        .flatten()
        .find(|inner| inner.name == "media:description");
    assert_eq!(description.unwrap().value.as_deref(), Some("A \"picture\" <&>"));
    assert_eq!(media["credit"][0].value.as_deref(), Some("vitrine.demo"));
    assert_eq!(media["thumbnail"][0].attrs["url"], content.attrs["url"]);
}

#[test]
fn videos_bring_their_still_and_albums_all_that_there_is() {
    let channel = read(
        &content(vec![account()], assorted()),
        FeedQuery::of(FeedFormat::Rss),
    );
    let contents = |item: usize| &channel.items[item].extensions["media"]["content"];

    assert_eq!(contents(1)[0].attrs["medium"], "video");
    assert_eq!(
        contents(1)[0].children["thumbnail"][0].attrs["url"],
        "https://cdn.example/2.webp"
    );
    assert_eq!(contents(2).len(), 2);
    assert_eq!(
        channel.items[2].enclosure.as_ref().unwrap().url,
        "https://cdn.example/a0.png"
    );
    let poor = &channel.items[3];
    assert_eq!(
        (&poor.enclosure, &poor.link, poor.title.as_deref()),
        (&None, &None, Some("Photo"))
    );
    assert_eq!(poor.extensions.get("media"), None);
}

#[test]
fn nothing_that_xml_forbids_is_in_it() {
    let poisoned = media::Model {
        alt_text: Some("\u{0}\u{8}alt\u{ffff}".into()),
        caption: Some(format!("{CAPTION} #a\u{0}b")),
        ..post(1)
    };
    let document = text(
        &content(vec![account()], vec![poisoned]),
        FeedQuery::of(FeedFormat::Rss),
    );

    assert!(document.starts_with("<?xml version=\"1.0\" encoding=\"utf-8\"?>"));
    assert!(!document.contains(['\u{0}', '\u{8}', '\u{b}', '\u{fffe}', '\u{ffff}', '\u{202e}']));
    let channel = read(
        &content(vec![account()], vec![post(1)]),
        FeedQuery::of(FeedFormat::Rss),
    );
    let markup = "&lt;b&gt;Überraschung&lt;/b&gt; &amp; 東京 🎉]]&gt;<br>";
    let (said, whole) = (&channel.items[0].description, &channel.items[0].content);
    assert!(said.as_ref().unwrap().starts_with(markup), "{said:?}");
    assert!(
        whole.as_ref().unwrap().contains(&format!("</p><p>{markup}")),
        "{whole:?}"
    );
}

#[test]
fn it_says_where_it_and_its_neighbours_are() {
    let content = content(vec![account()], (1..=5).map(post).collect());
    let links = |channel: &Channel| -> Vec<(String, String)> {
        let links = channel.extensions["atom"]["link"].iter();
        links
            .map(|link| (link.attrs["rel"].clone(), link.attrs["href"].clone()))
            .collect()
    };

    let first = links(&read(&content, inner_page(FeedFormat::Rss)));
    let rels: Vec<_> = first.iter().map(|(rel, _)| rel.as_str()).collect();
    assert_eq!(rels, ["self", "next"]);
    assert!(
        first[0]
            .1
            .ends_with("/feed.rss?key=vt_pk_a%2Bb&limit=2&type=IMAGE"),
        "{first:?}"
    );
    let second = FeedQuery {
        cursor: cursor(&first[1].1),
        ..inner_page(FeedFormat::Rss)
    };
    let second = links(&read(&content, second));
    assert_eq!(
        second[0],
        ("self".to_owned(), first[1].1.clone()),
        "the next page is where the link said"
    );
    assert_eq!(second[1], ("first".to_owned(), first[0].1.clone()));
    let last = FeedQuery {
        cursor: cursor(&second[2].1),
        ..inner_page(FeedFormat::Rss)
    };
    assert!(links(&read(&content, last)).iter().all(|(rel, _)| rel != "next"));
}

#[test]
fn a_feed_without_anything_is_a_feed() {
    let channel = read(&content(vec![], vec![]), FeedQuery::of(FeedFormat::Rss));

    assert_eq!(
        (&*channel.title, &*channel.link, &*channel.description),
        ("default", "https://www.instagram.com/", "default")
    );
    assert_eq!((channel.items.len(), channel.image), (0, None));
}
