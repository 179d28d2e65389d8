//! What an owner makes of the stored posts: feeds, their filters, and decisions about single posts.

mod again;
mod decisions;
mod held_accounts;
mod limits;
mod names;
mod paging;

use crate::support::{Answer, Engines, Installation, Owner, connected, on_both_pairs};
use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};
use vitrine_simulator::{NewPost, PostKind};
use vitrine_test_support::wait_until;

on_both_pairs!(
    a_feed_lives_and_ends,
    filters_come_before_the_limit,
    albums_can_be_shown_picture_by_picture,
    reels_can_stay_out,
    posts_are_hidden_pinned_and_described,
    a_feed_tells_why_a_post_is_out,
    accounts_are_merged_in_order_of_time,
    bad_settings_are_refused_and_change_nothing,
    other_peoples_posts_and_feeds_do_not_exist,
    changes_at_once_lose_nothing,
);

/// An owner whose account has a few posts of each kind, and a key.
struct Site<'i> {
    owner: Owner<'i>,
    vitrine: &'i Installation,
    account: String,
    key: String,
    /// Posts so far: each is a second newer than the one before.
    posted: AtomicI64,
}

impl<'i> Site<'i> {
    async fn open(vitrine: &'i Installation) -> Self {
        let (owner, account, _, key) = connected(vitrine).await;
        Self {
            owner,
            vitrine,
            account,
            key,
            posted: AtomicI64::new(0),
        }
    }

    /// Posts on Instagram, the last one newest, and has them synced.
    async fn posts(&self, posts: Vec<NewPost>) {
        for post in posts {
            let number = self.posted.fetch_add(1, Ordering::Relaxed);
            let now = self.vitrine.simulator.clock().now();
            let taken_at = Some(now + chrono::Duration::seconds(number));
            let post = NewPost { taken_at, ..post };
            self.vitrine.simulator.post_media("vitrine.demo", post).unwrap();
        }
        self.owner.syncs(&self.account).await;
    }

    async fn makes(&self, settings: Value) -> String {
        let feed = self.owner.post("/v1/feeds", &settings).await.expect(201);
        feed["id"].as_str().unwrap().to_owned()
    }

    async fn shows(&self, feed: &str) -> Value {
        let path = format!("/v1/feeds/{feed}/photos?limit=100");
        self.vitrine.program(Some(&self.key)).get(&path).await.expect(200)
    }

    /// Captions of what a feed shows, once it shows them so.
    async fn shows_captions(&self, feed: &str, wanted: &[&str]) {
        let mut last = vec![];
        let shown = wait_until(Duration::from_secs(10), async || {
            last = captions(&self.shows(feed).await);
            last == wanted
        });
        assert!(shown.await.is_ok(), "{last:?} instead of {wanted:?}");
    }

    async fn media_id(&self, caption: &str) -> String {
        let path = format!("/v1/accounts/{}/media?limit=100", self.account);
        let media = self.owner.get(&path).await.expect(200);
        let found = media["data"]
            .as_array()
            .unwrap()
            .iter()
            .find(|post| post["caption"] == caption);
        found.unwrap()["id"].as_str().unwrap().to_owned()
    }

    async fn decides(&self, feed: &str, post: &str, decision: Value) -> Answer {
        let path = format!("/v1/feeds/{feed}/items/{post}");
        let request = self.owner.request(Method::PUT, &path).json(&decision);
        Answer::of(request.send().await.unwrap()).await
    }
}

fn captions(feed: &Value) -> Vec<String> {
    let photos = feed["data"].as_array().unwrap().iter();
    photos
        .map(|photo| photo["caption"].as_str().unwrap_or_default().to_owned())
        .collect()
}

fn picture(caption: &str) -> NewPost {
    NewPost::captioned(caption)
}

fn of_kind(kind: PostKind, caption: &str) -> NewPost {
    NewPost {
        kind,
        ..picture(caption)
    }
}

async fn a_feed_lives_and_ends(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let site = Site::open(&vitrine).await;

    let answer = site.owner.post("/v1/feeds", &json!({"name": "Shop"})).await;
    let feed = answer.expect(201);
    let id = feed["id"].as_str().unwrap();
    assert_eq!(answer.header("location"), format!("/v1/feeds/{id}"));
    assert_eq!(feed["account_ids"], json!([site.account]));
    assert_eq!(
        (&feed["media_types"], &feed["limit"]),
        (&json!(["IMAGE"]), &json!(100))
    );
    assert!(!site.shows(id).await["data"].as_array().unwrap().is_empty());

    let change =
        json!({"name": "Front", "limit": 3, "order": "pinned", "layout": "masonry", "cache_seconds": 0});
    let path = format!("/v1/feeds/{id}");
    let changed = site.owner.patch(&path, &change).await.expect(200);
    for (field, value) in change.as_object().unwrap() {
        assert_eq!(&changed[field], value, "{field}");
    }
    let fewer = wait_until(Duration::from_secs(5), async || {
        site.shows(id).await["data"].as_array().unwrap().len() == 3
    });
    fewer.await.unwrap();
    assert_eq!(site.owner.patch(&path, &json!({})).await.expect(200), changed);

    site.owner.delete(&path).await.expect(204);
    assert_eq!(site.owner.delete(&path).await.problem(404), "not_found");
    let gone = wait_until(Duration::from_secs(5), async || {
        let photos = format!("{path}/photos");
        vitrine.program(Some(&site.key)).get(&photos).await.status == 404
    });
    gone.await.unwrap();
}

async fn filters_come_before_the_limit(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let site = Site::open(&vitrine).await;
    let mut posts = vec![
        picture("one #SALE"),
        picture("two #Straße"),
        picture("three #sale #old"),
        picture("four #sale SOLD OUT"),
        picture("five #salesman"),
    ];
    posts.extend((0..40).map(|number| picture(&format!("filler {number}"))));
    site.posts(posts).await;

    let feed = site
        .makes(json!({
            "name": "sale", "limit": 3,
            "hashtags": {"include": ["#Sale", "STRASSE"], "exclude": ["old"]},
            "caption": {"exclude": ["sold out"]},
        }))
        .await;
    site.shows_captions(&feed, &["two #Straße", "one #SALE"]).await;

    let path = format!("/v1/feeds/{feed}");
    site.owner
        .patch(&path, &json!({"limit": 1, "hashtags": {"exclude": []}}))
        .await
        .expect(200);
    site.shows_captions(&feed, &["three #sale #old"]).await;
}

async fn albums_can_be_shown_picture_by_picture(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let site = Site::open(&vitrine).await;
    site.posts(vec![of_kind(PostKind::Carousel, "album"), picture("picture")])
        .await;

    let feed = site
        .makes(json!({"name": "all", "include_children": true, "limit": 3}))
        .await;
    site.shows_captions(&feed, &["picture", "album", "album"]).await;
    let shown = site.shows(&feed).await;
    assert_eq!(shown["data"][1]["type"], "IMAGE");
    assert_ne!(shown["data"][1]["id"], shown["data"][2]["id"]);
    assert_ne!(shown["data"][1]["image"]["src"], shown["data"][2]["image"]["src"]);

    let whole = site
        .makes(json!({"name": "whole", "media_types": ["IMAGE", "CAROUSEL_ALBUM"], "include_children": true, "limit": 2}))
        .await;
    site.shows_captions(&whole, &["picture", "album"]).await;
    let shown = site.shows(&whole).await;
    assert_eq!(shown["data"][1]["children"].as_array().unwrap().len(), 3);
}

async fn reels_can_stay_out(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let site = Site::open(&vitrine).await;
    site.posts(vec![
        of_kind(PostKind::Video, "video"),
        of_kind(PostKind::Reel, "reel"),
    ])
    .await;

    let settings = |reels: &str| json!({"name": "videos", "media_types": ["VIDEO"], "reels": reels, "caption": {"include": ["reel", "video"]}});
    for (reels, wanted) in [
        ("include", &["reel", "video"][..]),
        ("on_grid", &["reel", "video"]),
        ("exclude", &["video"]),
    ] {
        let feed = site.makes(settings(reels)).await;
        let shown = captions(&site.shows(&feed).await);
        let ours = shown
            .into_iter()
            .filter(|caption| wanted_here(caption))
            .collect::<Vec<_>>();
        assert_eq!(ours, wanted, "{reels}");
    }
}

/// The demo account has videos of its own.
fn wanted_here(caption: &str) -> bool {
    ["reel", "video"].contains(&caption)
}

async fn posts_are_hidden_pinned_and_described(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let site = Site::open(&vitrine).await;
    site.posts(["a", "b", "c", "d", "e"].map(picture).into()).await;
    let feed = site
        .makes(json!({"name": "pins", "order": "pinned", "limit": 4}))
        .await;
    site.shows_captions(&feed, &["e", "d", "c", "b"]).await;

    let (a, c, d) = (
        site.media_id("a").await,
        site.media_id("c").await,
        site.media_id("d").await,
    );
    let described = json!({"pinned_position": 2, "alt_text": "  A letter  "});
    let item = site.decides(&feed, &a, described).await.expect(200);
    assert_eq!(
        (&item["pinned_position"], &item["alt_text"]),
        (&json!(2), &json!("A letter"))
    );
    site.decides(&feed, &d, json!({"hidden": true})).await.expect(200);
    site.shows_captions(&feed, &["e", "a", "c", "b"]).await;
    let shown = site.shows(&feed).await;
    assert_eq!(
        (&shown["data"][1]["alt_text"], &shown["data"][1]["pinned"]),
        (&json!("A letter"), &json!(true))
    );

    site.decides(&feed, &c, json!({"pinned_position": 2}))
        .await
        .expect(200);
    site.shows_captions(&feed, &["e", "c", "a", "b"]).await;

    let path = format!("/v1/feeds/{feed}");
    site.owner
        .patch(&path, &json!({"order": "newest"}))
        .await
        .expect(200);
    site.shows_captions(&feed, &["e", "c", "b", "a"]).await;
    for post in [&a, &c, &d, &d] {
        site.owner
            .delete(&format!("{path}/items/{post}"))
            .await
            .expect(204);
    }
    site.shows_captions(&feed, &["e", "d", "c", "b"]).await;
    site.owner.patch(&path, &json!({"limit": 5})).await.expect(200);
    site.shows_captions(&feed, &["e", "d", "c", "b", "a"]).await;
    assert_ne!(site.shows(&feed).await["data"][4]["alt_text"], "A letter");
}

async fn a_feed_tells_why_a_post_is_out(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let site = Site::open(&vitrine).await;
    site.posts(vec![
        picture("beyond"),
        of_kind(PostKind::Video, "moving"),
        picture("unwanted #no"),
        picture("concealed"),
        picture("shown"),
    ])
    .await;
    let feed = site
        .makes(json!({"name": "why", "limit": 1, "hashtags": {"exclude": ["no"]}}))
        .await;
    let hidden = site.media_id("concealed").await;
    site.decides(&feed, &hidden, json!({"hidden": true}))
        .await
        .expect(200);

    let path = format!("/v1/feeds/{feed}/items?limit=5");
    let plain = site.owner.get(&path).await.expect(200);
    assert!(plain["data"][0].get("reasons").is_none());
    let items = site.owner.get(&format!("{path}&explain=1")).await.expect(200);

    let found: Vec<_> = items["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            let codes = item["reasons"].as_array().unwrap().iter();
            let codes: Vec<_> = codes.map(|reason| reason["code"].as_str().unwrap()).collect();
            (
                item["media"]["caption"].as_str().unwrap(),
                item["included"].as_bool().unwrap(),
                codes,
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("shown", true, vec!["fits"]),
            ("concealed", false, vec!["hidden_by_owner"]),
            ("unwanted #no", false, vec!["excluded_hashtag"]),
            ("moving", false, vec!["media_type"]),
            ("beyond", false, vec!["beyond_limit"]),
        ]
    );
    let next = items["page"]["next_cursor"].as_str().unwrap();
    let rest = site.owner.get(&format!("{path}&cursor={next}")).await.expect(200);
    assert!(
        rest["data"]
            .as_array()
            .unwrap()
            .iter()
            .all(|item| item["media"]["caption"] != "shown")
    );
    let page = vitrine.program(Some(&site.key));
    assert_eq!(page.get(&path).await.problem(403), "insufficient_scope");
}

async fn accounts_are_merged_in_order_of_time(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let site = Site::open(&vitrine).await;
    let second = site.owner.connects("vitrine.creator").await;
    let now = vitrine.simulator.clock().now();
    for (number, username) in [
        "vitrine.demo",
        "vitrine.creator",
        "vitrine.demo",
        "vitrine.creator",
    ]
    .iter()
    .enumerate()
    {
        let post = NewPost {
            taken_at: Some(now + chrono::Duration::seconds(number as i64)),
            ..picture(&format!("{number}"))
        };
        vitrine.simulator.post_media(username, post).unwrap();
    }
    site.owner.syncs(&site.account).await;
    site.owner.syncs(&second).await;

    let feed = site
        .makes(json!({"name": "both", "limit": 4, "account_ids": [second, site.account]}))
        .await;

    site.shows_captions(&feed, &["3", "2", "1", "0"]).await;
    let one = site
        .makes(json!({"name": "one", "limit": 2, "account_ids": [second]}))
        .await;
    site.shows_captions(&one, &["3", "1"]).await;
}

async fn bad_settings_are_refused_and_change_nothing(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let site = Site::open(&vitrine).await;
    let feed = site.makes(json!({"name": "good"})).await;
    let path = format!("/v1/feeds/{feed}");
    let before = site.owner.get(&path).await.expect(200);
    let stranger = uuid::Uuid::now_v7();

    for (body, field) in [
        (json!({"limit": 0}), "limit"),
        (json!({"limit": 1_001}), "limit"),
        (json!({"limit": "12"}), "limit"),
        (json!({"media_types": ["GIF"]}), "media_types[0]"),
        (json!({"media_types": []}), "media_types"),
        (
            json!({"hashtags": {"include": ["two words"]}}),
            "hashtags.include[0]",
        ),
        (
            json!({"caption": {"include": ["x"], "exclude": ["X"]}}),
            "caption.exclude[0]",
        ),
        (json!({"account_ids": [stranger]}), "account_ids[0]"),
        (json!({"allowed_origins": ["*"]}), "allowed_origins[0]"),
        (json!({"order": "random"}), "order"),
        (json!({"colour": "red"}), "colour"),
    ] {
        let answer = site.owner.patch(&path, &body).await;
        assert_eq!(answer.problem(422), "validation_failed", "{body}");
        let named = &answer.json()["errors"][0]["field"];
        assert_eq!(named, field, "{body}");
    }
    assert_eq!(
        site.owner.post("/v1/feeds", &json!({})).await.problem(422),
        "validation_failed"
    );
    assert_eq!(site.owner.get(&path).await.expect(200), before);

    let post = site.owner.get(&format!("{path}/items?limit=1")).await.expect(200);
    let post = post["data"][0]["media_id"].as_str().unwrap().to_owned();
    for body in [
        json!({"pinned_position": 0}),
        json!({"alt_text": "x".repeat(1_001)}),
        json!({"hide": true}),
    ] {
        assert_eq!(
            site.decides(&feed, &post, body).await.problem(422),
            "validation_failed"
        );
    }
    assert_eq!(
        site.owner
            .get(&format!("{path}/items?explain=maybe"))
            .await
            .problem(422),
        "invalid_query"
    );
    assert_eq!(
        site.owner
            .get(&format!("{path}/items?cursor=forged"))
            .await
            .problem(400),
        "invalid_cursor"
    );
}

async fn other_peoples_posts_and_feeds_do_not_exist(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let site = Site::open(&vitrine).await;
    let feed = site.makes(json!({"name": "mine"})).await;
    let post = site
        .owner
        .get(&format!("/v1/feeds/{feed}/items?limit=1"))
        .await
        .expect(200);
    let post = post["data"][0]["media_id"].as_str().unwrap().to_owned();
    let stranger = vitrine.owner("eve").await;
    let own = stranger
        .post("/v1/feeds", &json!({"name": "hers"}))
        .await
        .expect(201);
    let own = own["id"].as_str().unwrap();

    for path in [format!("/v1/feeds/{feed}"), format!("/v1/feeds/{feed}/items")] {
        assert_eq!(stranger.get(&path).await.problem(404), "not_found");
    }
    let theirs = format!("/v1/feeds/{feed}");
    assert_eq!(
        stranger.patch(&theirs, &json!({"limit": 1})).await.problem(404),
        "not_found"
    );
    assert_eq!(stranger.delete(&theirs).await.problem(404), "not_found");
    for feed in [feed.as_str(), own] {
        let path = format!("/v1/feeds/{feed}/items/{post}");
        let put = stranger
            .request(Method::PUT, &path)
            .json(&json!({"hidden": true}));
        assert_eq!(
            Answer::of(put.send().await.unwrap()).await.problem(404),
            "not_found"
        );
        assert_eq!(stranger.delete(&path).await.problem(404), "not_found");
    }
    let answer = stranger
        .patch(
            &format!("/v1/feeds/{own}"),
            &json!({"account_ids": [site.account]}),
        )
        .await;
    assert_eq!(answer.problem(422), "validation_failed");
}

async fn changes_at_once_lose_nothing(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let site = Site::open(&vitrine).await;
    let feed = site.makes(json!({"name": "busy", "order": "pinned"})).await;
    let path = format!("/v1/feeds/{feed}");
    let changes = [
        json!({"name": "renamed"}),
        json!({"limit": 7}),
        json!({"layout": "carousel"}),
        json!({"cache_seconds": 60}),
        json!({"hashtags": {"exclude": ["a"]}}),
        json!({"caption": {"exclude": ["b"]}}),
    ];

    let answers = join_all(changes.iter().map(|change| site.owner.patch(&path, change))).await;

    assert!(answers.iter().all(|answer| answer.status == 200));
    let after = site.owner.get(&path).await.expect(200);
    assert_eq!(
        (
            &after["name"],
            &after["limit"],
            &after["layout"],
            &after["cache_seconds"]
        ),
        (&json!("renamed"), &json!(7), &json!("carousel"), &json!(60))
    );
    assert_eq!(
        (&after["hashtags"]["exclude"], &after["caption"]["exclude"]),
        (&json!(["a"]), &json!(["b"]))
    );
}
