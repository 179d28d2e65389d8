//! An account that is disconnected and connected again.

use super::{Site, of_kind, picture};
use crate::support::{Engines, Installation, on_both_pairs};
use serde_json::{Value, json};
use vitrine_simulator::PostKind;

on_both_pairs!(readers_know_entries_again_when_an_account_comes_again);

async fn readers_know_entries_again_when_an_account_comes_again(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let site = Site::open(&vitrine).await;
    site.posts(vec![picture("a"), of_kind(PostKind::Carousel, "b")])
        .await;
    let feed = site.owner.default_feed().await;
    let settings = json!({"include_children": true});
    site.owner
        .patch(&format!("/v1/feeds/{feed}"), &settings)
        .await
        .expect(200);
    let shown = site
        .owner
        .photos_that(&feed, &site.key, shows_a_picture_of_b)
        .await;
    let before = entries(&site, &feed).await;
    assert!(before.len() > 4, "{before:?}");

    let disconnected = site.owner.delete(&format!("/v1/accounts/{}", site.account)).await;
    disconnected.expect(204);
    let account = site.owner.connects("vitrine.demo").await;
    assert_ne!(account, site.account);
    site.owner
        .photos_that(&feed, &site.key, shows_a_picture_of_b)
        .await;

    assert_eq!(entries(&site, &feed).await, before);
    let again = site.shows(&feed).await;
    assert_eq!(ids(&again, "data"), ids(&shown, "data"));
}

fn shows_a_picture_of_b(feed: &Value) -> bool {
    feed["data"][0]["caption"] == "b"
}

fn ids(document: &Value, list: &str) -> Vec<Value> {
    let entries = document[list].as_array().unwrap().iter();
    entries.map(|entry| entry["id"].clone()).collect()
}

async fn entries(site: &Site<'_>, feed: &str) -> Vec<Value> {
    let path = format!("/v1/feeds/{feed}/feed.json?limit=100");
    let document = site.vitrine.program(Some(&site.key)).get(&path).await.expect(200);
    ids(&document, "items")
}
