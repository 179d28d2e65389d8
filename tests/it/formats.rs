//! Feeds in the formats of feed readers, read by some, and in the place of Behold's.

use crate::support::{
    Answer, Engines, Installation, Owner,
    clients::{check_rules, feedparser, feedsmith},
    connected, on_both_pairs,
};
use reqwest::{Method, header};
use serde_json::{Value, json};
use vitrine_simulator::{MediaEdit, NewPost, PostKind};

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

const MARKUP: &str = "<script>alert('1')</script> ]]> &amp; 東京 Ünï🎉\u{202e}turned\u{8}\n#Straße #東京";

/// A feed of everything that an account can post, and a key for it.
struct Site {
    feed: String,
    key: String,
    photos: Vec<Value>,
}

impl Site {
    async fn of(vitrine: &Installation) -> Self {
        let (owner, account, _, key) = connected(vitrine).await;
        for post in [
            NewPost::captioned(MARKUP),
            NewPost::captioned("🎉".repeat(2_200)),
            NewPost::default(),
            of_kind(PostKind::Video),
            of_kind(PostKind::Reel),
            of_kind(PostKind::Carousel),
        ] {
            vitrine.simulator.post_media("vitrine.demo", post).unwrap();
        }
        let flagged = NewPost::captioned("nothing to see");
        let flagged = vitrine.simulator.post_media("vitrine.demo", flagged).unwrap();
        let hidden = MediaEdit {
            hide_media_url: Some(true),
            ..MediaEdit::default()
        };
        vitrine
            .simulator
            .edit_media("vitrine.demo", &flagged.id, &hidden)
            .unwrap();
        owner.syncs(&account).await;
        let feed = new_feed(&owner, &json!([])).await;
        let photos = owner
            .photos_that(&feed, &key, |feed| {
                feed["data"].as_array().unwrap().len() == 40
                    && feed["data"].to_string().contains("nothing to see")
            })
            .await;
        Self {
            feed,
            key,
            photos: photos["data"].as_array().unwrap().clone(),
        }
    }

    fn address(&self, vitrine: &Installation, file: &str) -> String {
        format!(
            "{}/v1/feeds/{}/{file}?key={}",
            vitrine.address, self.feed, self.key
        )
    }
}

fn of_kind(kind: PostKind) -> NewPost {
    NewPost {
        kind,
        caption: Some("moving".into()),
        ..NewPost::default()
    }
}

async fn new_feed(owner: &Owner<'_>, hashtags: &Value) -> String {
    let body = json!({
        "name": "Everything", "limit": 40, "media_types": ["IMAGE", "VIDEO", "CAROUSEL_ALBUM"],
        "hashtags": {"include": hashtags},
    });
    let feed = owner.post("/v1/feeds", &body).await.expect(201);
    feed["id"].as_str().unwrap().to_owned()
}

/// Addresses of the files that a photo brings along.
fn files(photo: &Value) -> Vec<&str> {
    let one: fn(&Value) -> Option<&str> =
        |part| part["video"]["src"].as_str().or(part["image"]["src"].as_str());
    let children: Vec<_> = photo["children"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(one)
        .collect();
    if children.is_empty() {
        one(photo).into_iter().collect()
    } else {
        children
    }
}

/// All items of all pages, which have to be linked as they were read.
fn items(pages: &Value) -> Vec<&Value> {
    let pages = pages.as_array().unwrap();
    for (page, next) in pages.iter().zip(pages.iter().skip(1)) {
        assert_eq!(page["next"], next["self"], "a page is where the one before said");
    }
    assert_eq!(pages.last().unwrap()["next"], Value::Null);
    pages
        .iter()
        .flat_map(|page| page["items"].as_array().unwrap())
        .collect()
}

fn compare(photos: &[Value], pages: &Value, all_files: bool) {
    let items = items(pages);
    let ids: Vec<_> = items
        .iter()
        .map(|item| item["id"].as_str().unwrap().to_owned())
        .collect();
    let expected: Vec<_> = photos
        .iter()
        .map(|photo| format!("urn:uuid:{}", photo["id"].as_str().unwrap()))
        .collect();
    assert_eq!(ids, expected);
    for (photo, item) in photos.iter().zip(items) {
        assert!(!item["title"].as_str().unwrap().is_empty(), "{item}");
        assert_eq!(item["tags"], photo["hashtags"], "{item}");
        let mut files = files(photo);
        if !all_files {
            files.truncate(1);
        }
        let given: Vec<_> = item["files"]
            .as_array()
            .unwrap()
            .iter()
            .map(|file| file["url"].as_str().unwrap())
            .collect();
        assert_eq!(given, files, "{item}");
        for file in item["files"].as_array().unwrap() {
            let expected = if file["url"].as_str().unwrap().contains(".mp4") {
                "video/mp4"
            } else {
                "image/jpeg"
            };
            assert_eq!(file["type"], expected, "{file}");
        }
    }
}

/// The item whose caption is markup.
fn poisoned<'p>(pages: &'p Value) -> &'p Value {
    let found = items(pages)
        .into_iter()
        .find(|item| item["title"].as_str().unwrap().contains("alert"));
    found.unwrap_or_else(|| panic!("{pages}"))
}

async fn readers_read_every_format_to_its_end(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let site = Site::of(&vitrine).await;

    for (file, media_type) in FILES {
        let address = format!("{}&limit=7", site.address(&vitrine, file));
        let pages = feedsmith(&address).await;
        assert_eq!(pages.as_array().unwrap().len(), 6, "40 posts, 7 a page");
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
        assert_eq!(forged.status, 422, "{}", forged.text);
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
    assert_eq!(posts.len(), 40);
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
    let of_type = |media_type: &str| posts.iter().find(|post| post["mediaType"] == media_type).unwrap();
    assert!(of_type("VIDEO")["mediaUrl"].as_str().unwrap().contains(".mp4"));
    assert_eq!(of_type("CAROUSEL_ALBUM")["children"].as_array().unwrap().len(), 3);
}
