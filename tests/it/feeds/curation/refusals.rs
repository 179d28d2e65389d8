//! Settings, posts and feeds that are refused.

use super::Site;
use crate::support::{Answer, Engines, Installation, on_both_pairs};
use reqwest::Method;
use serde_json::json;

on_both_pairs!(
    bad_settings_are_refused_and_change_nothing,
    other_peoples_posts_and_feeds_do_not_exist,
);

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
