//! A feed from its first day to its last.

use super::Site;
use crate::support::{Engines, Installation, on_both_pairs};
use futures::future::join_all;
use serde_json::json;
use std::time::Duration;
use vitrine_test_support::wait_until;

on_both_pairs!(a_feed_lives_and_ends, changes_at_once_lose_nothing,);

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
