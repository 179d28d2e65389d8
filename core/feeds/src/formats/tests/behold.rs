//! Behold's JSON.

use super::*;
use serde_json::{Value, json};

fn read(content: &FeedContent) -> Value {
    serde_json::from_str(&text(content, FeedQuery::of(FeedFormat::Behold))).unwrap()
}

fn fields(object: &Value) -> Vec<&str> {
    let mut fields: Vec<_> = object.as_object().unwrap().keys().map(String::as_str).collect();
    fields.sort_unstable();
    fields
}

#[test]
fn it_has_beholds_fields_and_no_others() {
    let feed = read(&content(vec![account()], assorted()));

    assert_eq!(
        fields(&feed),
        [
            "biography",
            "followersCount",
            "followsCount",
            "posts",
            "profilePictureUrl",
            "username",
            "website"
        ]
    );
    let post_fields = [
        "altText",
        "caption",
        "children",
        "colorPalette",
        "commentsCount",
        "hashtags",
        "id",
        "isReel",
        "likeCount",
        "mediaType",
        "mediaUrl",
        "mentions",
        "permalink",
        "prunedCaption",
        "sizes",
        "thumbnailUrl",
        "timestamp",
    ];
    for post in feed["posts"].as_array().unwrap() {
        assert_eq!(fields(post), post_fields);
        assert_eq!(fields(&post["sizes"]), ["full", "large", "medium", "small"]);
        assert_eq!(fields(&post["sizes"]["full"]), ["height", "mediaUrl", "width"]);
        assert_eq!(
            fields(&post["colorPalette"]),
            [
                "dominant",
                "muted",
                "mutedDark",
                "mutedLight",
                "vibrant",
                "vibrantDark",
                "vibrantLight"
            ]
        );
    }
    assert_eq!(
        fields(&feed["posts"][2]["children"][0]),
        [
            "altText",
            "colorPalette",
            "id",
            "mediaType",
            "mediaUrl",
            "sizes",
            "thumbnailUrl"
        ]
    );
}

#[test]
fn posts_are_written_as_scripts_for_behold_read_them() {
    let feed = read(&content(vec![account()], assorted()));
    let (post, reel, album, poor) = (
        &feed["posts"][0],
        &feed["posts"][1],
        &feed["posts"][2],
        &feed["posts"][3],
    );

    assert_eq!(post["id"], "17901");
    assert_eq!(post["timestamp"], "2017-08-31T17:10:00+0000");
    assert_eq!(post["caption"], CAPTION);
    assert!(CAPTION.starts_with(post["prunedCaption"].as_str().unwrap()));
    assert!(post["prunedCaption"].as_str().unwrap().ends_with("@vitrine.demo"));
    assert_eq!(
        (&post["hashtags"], &post["mentions"]),
        (&json!(["Straße", "東京"]), &json!(["vitrine.demo"]))
    );
    let picture = json!("https://cdn.example/1_n.jpg?stp=dst-jpg&x=1");
    assert_eq!(
        post["sizes"]["small"],
        json!({"mediaUrl": picture, "width": null, "height": null})
    );
    assert_eq!(
        (&post["mediaUrl"], &post["thumbnailUrl"], &post["children"]),
        (&picture, &json!(null), &json!(null))
    );
    assert_eq!((&reel["isReel"], &reel["caption"]), (&json!(true), &json!("")));
    assert_eq!(reel["mediaUrl"], "https://cdn.example/2.mp4");
    assert_eq!(
        (&reel["thumbnailUrl"], &reel["sizes"]["full"]["mediaUrl"]),
        (
            &json!("https://cdn.example/2.webp"),
            &json!("https://cdn.example/2.webp")
        )
    );
    assert_eq!(
        album["children"].as_array().unwrap().len(),
        2,
        "a child without anything is not shown"
    );
    assert_eq!(
        (&poor["mediaUrl"], &poor["likeCount"]),
        (&json!(null), &json!(null))
    );
}

#[test]
fn it_knows_no_pages() {
    let feed = read(&content(vec![account()], (1..=60).map(post).collect()));

    assert_eq!(feed["posts"].as_array().unwrap().len(), 60);
}

#[test]
fn a_feed_without_anything_has_its_fields() {
    let feed = read(&content(vec![], vec![]));

    assert_eq!((&feed["username"], &feed["posts"]), (&json!(null), &json!([])));
}
