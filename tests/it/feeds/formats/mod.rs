//! Feeds in the formats of feed readers, read by some, and in the place of Behold's.

mod reading;
mod site;

use crate::support::{
    Answer, Engines, Installation,
    clients::{check_rules, feedparser, feedsmith},
    connected, on_both_pairs,
};
use reading::{compare, items, poisoned};
use reqwest::{Method, header};
use serde_json::{Value, json};
use site::{Site, new_feed};

on_both_pairs!(
    readers_read_every_format_to_its_end,
    a_feed_without_posts_is_valid,
    every_format_is_served_as_photos_are,
    scripts_for_behold_find_their_fields,
);

const FILES: [(&str, &str); 3] = [
    ("feed.json", "application/feed+json; charset=utf-8"),
    ("feed.rss", "application/rss+xml; charset=utf-8"),
    ("feed.atom", "application/atom+xml; charset=utf-8"),
];

async fn readers_read_every_format_to_its_end(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let site = Site::of(&vitrine).await;

    for (file, media_type) in FILES {
        let address = format!("{}&limit=7", site.address(&vitrine, file));
        let pages = feedsmith(&address).await;
        assert_eq!(pages.as_array().unwrap().len(), 4, "24 posts, 7 a page");
        assert_eq!(pages[0]["self"], address.as_str());
        assert_eq!(
            (&pages[0]["type"], &pages[0]["title"]),
            (&json!(media_type), &json!("Everything"))
        );
        compare(&site.photos, &pages, true);
        let item = poisoned(&pages);
        let html = item["html"].as_str().unwrap();
        assert!(
            html.contains(
                "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; ]]&gt; &amp;amp; 東京 Ünï🎉turned<br>"
            ),
            "{html}"
        );
        assert_eq!(
            item["title"],
            "<script>alert('1')</script> ]]> &amp; 東京 Ünï🎉turned"
        );
        if file == "feed.json" {
            continue;
        }
        let pages = feedparser(&address).await;
        compare(&site.photos, &pages, file == "feed.atom");
        assert!(
            poisoned(&pages)["html"]
                .as_str()
                .unwrap()
                .contains("東京 Ünï🎉turned<br")
        );
        assert!(items(&pages).iter().all(|item| item["dated"] == true));
        for page in pages.as_array().unwrap() {
            assert_eq!(page["status"], 200);
            check_rules(page["self"].as_str().unwrap()).await;
        }
    }
}

async fn a_feed_without_posts_is_valid(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    let key = owner.makes_key("publishable", &[]).await;
    let feed = new_feed(&owner, &json!(["nobodyusesthis"])).await;

    for (file, _) in FILES {
        let address = format!("{}/v1/feeds/{feed}/{file}?key={key}", vitrine.address);
        assert_eq!(feedsmith(&address).await[0]["items"], json!([]), "{file}");
        if file != "feed.json" {
            check_rules(&address).await;
            assert_eq!(feedparser(&address).await[0]["items"], json!([]), "{file}");
        }
    }
}

async fn every_format_is_served_as_photos_are(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (_, _, feed, key) = connected(&vitrine).await;
    let program = vitrine.program(Some(&key));
    let behold = (format!("/compat/behold/{feed}"), "application/json");
    let forms = FILES.map(|(file, media_type)| (format!("/v1/feeds/{feed}/{file}"), media_type));

    for (path, media_type) in forms.iter().chain([&behold]) {
        let first = program.get(path).await;
        assert_eq!(
            (first.status.as_u16(), first.header("content-type")),
            (200, *media_type)
        );
        assert_eq!(first.header("access-control-allow-origin"), "*");
        assert!(
            !first.text.contains(&key),
            "a key in a header is not written into links"
        );
        let again = program
            .request(Method::GET, path)
            .header(header::IF_NONE_MATCH, first.header("etag"));
        assert_eq!(
            Answer::of(again.send().await.unwrap()).await.status,
            304,
            "{path}"
        );
        let head = Answer::of(program.request(Method::HEAD, path).send().await.unwrap()).await;
        assert_eq!(
            (head.status.as_u16(), head.header("etag")),
            (200, first.header("etag"))
        );
        assert_eq!(vitrine.get(path).await.problem(401), "unauthenticated");
        let long = format!("{path}?limit=101&type=STORY");
        assert_eq!(program.get(&long).await.problem(422), "invalid_query");
        let nowhere = path.replace(&feed, "0190a0a0-0000-7000-8000-000000000000");
        assert_eq!(program.get(&nowhere).await.problem(404), "not_found");
    }
    for (path, _) in &forms {
        let forged = program.get(&format!("{path}?cursor=AAAA")).await;
        assert_eq!(forged.problem(400), "invalid_cursor");
        let other = program.get(&format!("{path}?type=IMAGE&limit=3")).await.text;
        assert!(other.contains("type=IMAGE"), "{other}");
    }
}

async fn scripts_for_behold_find_their_fields(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let site = Site::of(&vitrine).await;
    let behold = format!("/compat/behold/{}?key={}", site.feed, site.key);

    let feed = vitrine.get(&behold).await.expect(200);

    assert_eq!(feed["username"], "vitrine.demo");
    assert!(
        feed["followersCount"].is_i64() && feed["profilePictureUrl"].is_string(),
        "{feed}"
    );
    let posts = feed["posts"].as_array().unwrap();
    assert_eq!(posts.len(), 24);
    for (post, photo) in posts.iter().zip(&site.photos) {
        assert_eq!(
            (&post["permalink"], &post["isReel"]),
            (&photo["permalink"], &photo["is_reel"])
        );
        let moment: chrono::DateTime<chrono::FixedOffset> =
            chrono::DateTime::parse_from_str(post["timestamp"].as_str().unwrap(), "%Y-%m-%dT%H:%M:%S%z")
                .unwrap();
        assert_eq!(
            moment,
            photo["timestamp"]
                .as_str()
                .unwrap()
                .parse::<chrono::DateTime<chrono::Utc>>()
                .unwrap()
        );
        assert_eq!(post["sizes"]["medium"]["mediaUrl"], photo["image"]["src"]);
        assert_eq!(post["colorPalette"]["dominant"], Value::Null);
        assert_eq!(
            post["prunedCaption"].as_str(),
            photo["pruned_caption"].as_str().or(Some(""))
        );
    }
    let of_type = |media_type: &'static str| posts.iter().filter(move |post| post["mediaType"] == media_type);
    // All but the flagged one have something to play; which of one second comes first is nobody's promise.
    let mut files = of_type("VIDEO").filter_map(|post| post["mediaUrl"].as_str());
    assert!(files.any(|file| file.contains(".mp4")));
    let album = of_type("CAROUSEL_ALBUM").next().unwrap();
    assert_eq!(album["children"].as_array().unwrap().len(), 3);
}
