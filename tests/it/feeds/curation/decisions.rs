//! Decisions about single posts.

use super::{Site, picture};
use crate::support::{Answer, Engines, Installation, on_both_pairs};
use reqwest::Method;
use serde_json::{Value, json};

on_both_pairs!(
    posts_are_hidden_pinned_and_described,
    a_decision_changes_what_it_names_and_nothing_else,
    a_description_moves_no_pin,
    a_pin_without_effect_is_told,
);

impl Site<'_> {
    async fn changes(&self, method: &Method, feed: &str, post: &str, change: Value) -> Value {
        let path = format!("/v1/feeds/{feed}/items/{post}");
        let request = self.owner.request(method.clone(), &path).json(&change);
        Answer::of(request.send().await.unwrap()).await.expect(200)
    }
}

fn decided(item: &Value) -> Value {
    json!([item["hidden"], item["pinned_position"], item["alt_text"]])
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

async fn a_decision_changes_what_it_names_and_nothing_else(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let site = Site::open(&vitrine).await;
    site.posts(vec![picture("a")]).await;
    let feed = site.makes(json!({"name": "decided", "order": "pinned"})).await;
    let post = site.media_id("a").await;

    for method in [Method::PUT, Method::PATCH] {
        let steps = [
            (json!({"hidden": true}), json!([true, null, null])),
            (json!({"pinned_position": 1}), json!([true, 1, null])),
            (json!({"alt_text": "A letter"}), json!([true, 1, "A letter"])),
            (json!({}), json!([true, 1, "A letter"])),
            (json!({"hidden": null}), json!([false, 1, "A letter"])),
            (json!({"hidden": true}), json!([true, 1, "A letter"])),
            (json!({"hidden": false}), json!([false, 1, "A letter"])),
            (json!({"pinned_position": null}), json!([false, null, "A letter"])),
            (json!({"alt_text": null}), json!([false, null, null])),
        ];
        for (change, wanted) in steps {
            let item = site.changes(&method, &feed, &post, change.clone()).await;
            assert_eq!(decided(&item), wanted, "{method} {change}");
        }
    }
}

async fn a_description_moves_no_pin(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let site = Site::open(&vitrine).await;
    site.posts(["a", "b", "c"].map(picture).into()).await;
    let filter = json!({"include": ["a", "b", "c"]});
    let feed = site
        .makes(json!({"name": "pins", "order": "pinned", "limit": 3, "caption": filter}))
        .await;
    let (a, b) = (site.media_id("a").await, site.media_id("b").await);
    for post in [&a, &b] {
        let pin = json!({"pinned_position": 1});
        site.changes(&Method::PUT, &feed, post, pin).await;
    }
    site.shows_captions(&feed, &["b", "a", "c"]).await;

    site.changes(&Method::PUT, &feed, &a, json!({"alt_text": "A letter"}))
        .await;

    let described = vitrine_test_support::wait_until(std::time::Duration::from_secs(10), async || {
        site.shows(&feed).await["data"][1]["alt_text"] == "A letter"
    });
    described.await.unwrap();
    site.shows_captions(&feed, &["b", "a", "c"]).await;
}

async fn a_pin_without_effect_is_told(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let site = Site::open(&vitrine).await;
    site.posts(vec![picture("a")]).await;
    let feed = site.makes(json!({"name": "newest"})).await;
    let (post, path) = (site.media_id("a").await, format!("/v1/feeds/{feed}"));

    let pinned = site
        .changes(&Method::PUT, &feed, &post, json!({"pinned_position": 1}))
        .await;
    assert_eq!(pinned["warnings"][0]["code"], "pin_without_effect");
    let items = site.owner.get(&format!("{path}/items?limit=1")).await.expect(200);
    assert_eq!(items["data"][0]["warnings"], pinned["warnings"]);

    site.owner
        .patch(&path, &json!({"order": "pinned"}))
        .await
        .expect(200);
    let items = site.owner.get(&format!("{path}/items?limit=1")).await.expect(200);
    assert_eq!(items["data"][0]["warnings"], json!([]));
}
