//! Which feed is meant, and that nothing beyond it can be read.

use super::{library, refusal};
use crate::support::{Engines, Installation, connected, on_both_pairs};
use serde_json::json;
use std::time::Duration;
use vitrine_simulator::{NewPost, PostKind};
use vitrine_test_support::wait_until;

on_both_pairs!(only_what_the_feed_shows_can_be_read, another_main_feed_is_news,);

/// A tenant's first account brings its default feed, which goes before those that the tenant made.
async fn another_main_feed_is_news(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    owner
        .post("/v1/feeds", &json!({"name": "early"}))
        .await
        .expect(201);
    let key = owner.makes_key("publishable", &[]).await;
    let program = vitrine.program(Some(&key));
    assert_eq!(library(&program).await, [""; 0]);

    owner.connects("vitrine.demo").await;
    let default = owner.default_feed().await;
    owner
        .photos_that(&default, &key, |feed| feed["data"] != json!([]))
        .await;

    let meant = wait_until(Duration::from_secs(2), async || {
        !library(&program).await.is_empty()
    });
    assert!(meant.await.is_ok(), "another feed was meant for longer");
}

async fn only_what_the_feed_shows_can_be_read(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (owner, account, feed, key) = connected(&vitrine).await;
    let album = NewPost {
        kind: PostKind::Carousel,
        ..NewPost::captioned("an album")
    };
    let album = vitrine.simulator.post_media("vitrine.demo", album).unwrap().id;
    owner.syncs(&account).await;
    let program = vitrine.program(Some(&key));

    let filtered = program.get(&format!("/graph/{album}")).await;
    assert_eq!(
        refusal(&filtered),
        (400, 100, Some(33)),
        "a default feed shows no albums"
    );
    let albums = json!({"media_types": ["IMAGE", "CAROUSEL_ALBUM"]});
    owner
        .patch(&format!("/v1/feeds/{feed}"), &albums)
        .await
        .expect(200);
    owner
        .photos_that(&feed, &key, |feed| feed["data"][0]["type"] == "CAROUSEL_ALBUM")
        .await;
    let shown = program
        .get(&format!("/graph/{album}?fields=children{{media_type}}"))
        .await
        .expect(200);
    let children = program
        .get(&format!("/graph/{album}/children?fields=media_type"))
        .await
        .expect(200);
    assert_eq!(shown["children"], children);
    assert_eq!(children["data"].as_array().unwrap().len(), 3);

    let stranger = vitrine.owner("mallory").await;
    stranger.connects("vitrine.demo").await;
    let theirs = stranger.makes_key("publishable", &[]).await;
    let program = vitrine.program(Some(&theirs));
    for path in [
        format!("/graph/me/media?feed={feed}"),
        format!("/graph/{album}?feed={feed}"),
        format!("/graph/me/media?feed={}", uuid::Uuid::now_v7()),
        "/graph/me?feed=nonsense".to_owned(),
        "/graph/17841499999999999/media".to_owned(),
        "/graph/17900000000000000".to_owned(),
    ] {
        assert_eq!(refusal(&program.get(&path).await), (400, 100, Some(33)), "{path}");
    }
}
