//! JSON Feed.

use super::*;
use serde_json::{Value, json};

fn read(content: &FeedContent, feed_query: FeedQuery) -> Value {
    serde_json::from_str(&text(content, feed_query)).unwrap()
}

#[test]
fn it_has_every_field_of_its_specification_that_there_is_something_for() {
    let feed = read(
        &content(vec![account()], assorted()),
        FeedQuery::of(FeedFormat::JsonFeed),
    );

    assert_eq!(feed["version"], "https://jsonfeed.org/version/1.1");
    assert_eq!(feed["title"], "Vitrine & <Demo> (@vitrine.demo)");
    assert_eq!(feed["home_page_url"], "https://www.instagram.com/vitrine.demo/");
    let this = format!("https://photos.example/vitrine/v1/feeds/{}/feed.json", id(2));
    assert_eq!(feed["feed_url"], this.as_str());
    assert_eq!(feed.get("next_url"), None);
    assert_eq!(feed.get("language"), None);
    assert_eq!(feed["authors"][0]["name"], "vitrine.demo");
    let first = &feed["items"][0];
    assert_eq!(first["id"], format!("urn:uuid:{}", id(1_001)));
    assert_eq!(first["url"], "https://www.instagram.com/p/1/");
    assert_eq!(first["title"], "<b>Überraschung</b> & 東京 🎉 ]]>");
    assert_eq!(first["content_text"], CAPTION);
    assert_eq!(first["date_published"], "2017-08-31T17:10:00Z");
    assert_eq!(first["tags"], json!(["Straße", "東京"]));
    assert_eq!(first.get("authors"), None, "the feed's author is the posts' too");
    let picture = "https://cdn.example/1_n.jpg?stp=dst-jpg&x=1";
    assert_eq!(first["image"], picture);
    assert_eq!(
        first["attachments"],
        json!([{"url": picture, "mime_type": "image/jpeg", "title": "A \"picture\" <&>"}])
    );
}

#[test]
fn captions_stay_text_in_its_html() {
    let feed = read(
        &content(vec![account()], vec![post(1)]),
        FeedQuery::of(FeedFormat::JsonFeed),
    );
    let html = feed["items"][0]["content_html"].as_str().unwrap();

    assert!(
        html.contains("&lt;b&gt;Überraschung&lt;/b&gt; &amp; 東京 🎉]]&gt;<br>"),
        "{html}"
    );
    assert!(
        html.contains(r#"alt="A &quot;picture&quot; &lt;&amp;&gt;""#),
        "{html}"
    );
    assert!(html.starts_with(r#"<p><a href="https://www.instagram.com/p/1/"><img src="https://cdn.example/1_n.jpg?stp=dst-jpg&amp;x=1""#));
    assert!(
        !html.contains(['\u{202e}', '\0', '\u{b}', '\u{fffe}']),
        "{html:?}"
    );
}

#[test]
fn poor_posts_are_items_too() {
    let feed = read(
        &content(vec![account()], assorted()),
        FeedQuery::of(FeedFormat::JsonFeed),
    );
    let (reel, album, poor) = (&feed["items"][1], &feed["items"][2], &feed["items"][3]);

    assert_eq!(
        (&reel["title"], &reel["image"]),
        (
            &json!("Reel by vitrine.demo"),
            &json!("https://cdn.example/2.webp")
        )
    );
    assert_eq!(
        reel["attachments"],
        json!([{"url": "https://cdn.example/2.mp4", "mime_type": "video/mp4"}])
    );
    let types: Vec<_> = album["attachments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| &file["mime_type"])
        .collect();
    assert_eq!(types, ["image/png", "video/mp4"]);
    assert_eq!(poor["content_html"], "Photo");
    for absent in ["url", "image", "attachments", "content_text", "tags", "authors"] {
        assert_eq!(poor.get(absent), None, "{absent}");
    }
}

#[test]
fn pages_are_linked_with_what_was_asked_for() {
    let content = content(vec![account()], (1..=5).map(post).collect());
    let (mut feed_query, mut ids) = (inner_page(FeedFormat::JsonFeed), vec![]);
    loop {
        let page = read(&content, feed_query);
        ids.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| item["id"].to_string()),
        );
        assert!(
            page["feed_url"]
                .as_str()
                .unwrap()
                .contains("key=vt_pk_a%2Bb&limit=2&type=IMAGE")
        );
        let Some(next) = page["next_url"].as_str() else {
            break;
        };
        assert!(
            next.starts_with("https://photos.example/vitrine/v1/feeds/")
                && next.contains("key=vt_pk_a%2Bb&limit=2&type=IMAGE&cursor=")
        );
        feed_query = FeedQuery {
            cursor: cursor(next),
            ..inner_page(FeedFormat::JsonFeed)
        };
    }

    assert_eq!(ids.len(), 5);
    ids.dedup();
    assert_eq!(ids.len(), 5);
}

#[test]
fn ids_hang_on_neither_texts_nor_links() {
    let before = read(
        &content(vec![account()], vec![post(1)]),
        FeedQuery::of(FeedFormat::JsonFeed),
    );
    let changed = media::Model {
        caption: Some("Something else".into()),
        media_url: Some("https://cdn.example/moved.webp".into()),
        permalink: None,
        username: None,
        ..post(1)
    };
    let after = read(
        &content(vec![account()], vec![changed]),
        FeedQuery::of(FeedFormat::JsonFeed),
    );

    assert_eq!(before["items"][0]["id"], after["items"][0]["id"]);
    assert_ne!(before["items"][0]["image"], after["items"][0]["image"]);
}

#[test]
fn a_feed_without_anything_is_a_feed() {
    let feed = read(&content(vec![], vec![]), FeedQuery::of(FeedFormat::JsonFeed));

    assert_eq!(feed["title"], "default");
    assert_eq!(feed["home_page_url"], "https://www.instagram.com/");
    assert_eq!(feed["items"], json!([]));
}

#[test]
fn its_owners_name_is_its_title() {
    let mut named = content(vec![account()], vec![]);
    Arc::get_mut(&mut named.header).unwrap().feed.name = "Our\u{202e} shop\n".into();

    assert_eq!(
        read(&named, FeedQuery::of(FeedFormat::JsonFeed))["title"],
        "Our shop"
    );
}

#[test]
fn of_several_accounts_each_post_names_its_own() {
    let other = account::Model {
        id: AccountId(id(9)),
        username: Some("other".into()),
        ..account()
    };
    let theirs = media::Model {
        account_id: other.id,
        ..post(2)
    };
    let feed = read(
        &content(vec![account(), other], vec![post(1), theirs]),
        FeedQuery::of(FeedFormat::JsonFeed),
    );

    assert_eq!(feed["items"][0].get("authors"), None);
    assert_eq!(
        feed["items"][1]["authors"][0]["url"],
        "https://www.instagram.com/other/"
    );
}
