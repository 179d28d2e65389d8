//! Keys: their ends, their rotation, and what a leaked one opens.

use crate::support::{Answer, Engines, Installation, Owner, connected, on_both_pairs};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;
use vitrine_test_support::wait_until;

on_both_pairs!(
    a_rotated_key_works_until_its_overlap_ends,
    without_an_overlap_a_rotated_key_ends_at_once,
    of_several_rotations_at_once_one_succeeds,
    a_key_that_ended_is_not_rotated,
    a_key_that_was_made_to_end_gets_a_successor_that_lives_as_long,
    ends_that_nobody_can_mean_are_refused,
    a_key_shows_itself,
    the_last_use_is_written_down,
    a_leaked_publishable_key_reads_photos_and_nothing_else,
    a_key_of_one_page_opens_nothing_on_another,
);

async fn made(owner: &Owner<'_>, more: Value) -> Value {
    let mut body = json!({"name": "site", "kind": "secret", "scopes": ["accounts:read"]});
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    owner.post("/v1/api-keys", &body).await.expect(201)
}

async fn rotate(owner: &Owner<'_>, key: &Value, overlap: u64) -> Answer {
    let path = format!("/v1/api-keys/{}/rotate", text(&key["id"]));
    owner.post(&path, &json!({"overlap_seconds": overlap})).await
}

async fn listed(owner: &Owner<'_>, id: &Value) -> Value {
    let keys = owner.get("/v1/api-keys").await.expect(200);
    let mut keys = keys["data"].as_array().unwrap().iter();
    keys.find(|key| key["id"] == *id).unwrap().clone()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

async fn accounts_by(vitrine: &Installation, key: &Value) -> Answer {
    vitrine.program(Some(text(&key["key"]))).get("/v1/accounts").await
}

async fn a_rotated_key_works_until_its_overlap_ends(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let mut owner = vitrine.owner("ada").await;
    let old = made(&owner, json!({"allowed_origins": ["https://a.example"]})).await;

    let new = rotate(&owner, &old, 3_600).await.expect(201);

    for same in ["name", "kind", "scopes", "allowed_origins"] {
        assert_eq!(new[same], old[same]);
    }
    assert_ne!(new["key"], old["key"]);
    let row = listed(&owner, &old["id"]).await;
    assert_eq!(row["replaced_by"], new["id"]);
    assert!(
        !row["rotated_at"].is_null() && !row["expires_at"].is_null(),
        "{row}"
    );
    accounts_by(&vitrine, &old).await.expect(200);
    accounts_by(&vitrine, &new).await.expect(200);
    assert_eq!(rotate(&owner, &old, 0).await.problem(409), "key_already_rotated");
    vitrine.advance(Duration::from_secs(3_601)).await;
    owner.signs_in_again().await;
    assert_eq!(accounts_by(&vitrine, &old).await.problem(401), "key_rotated");
    accounts_by(&vitrine, &new).await.expect(200);
    rotate(&owner, &new, 0).await.expect(201);
}

async fn without_an_overlap_a_rotated_key_ends_at_once(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    let old = made(&owner, json!({})).await;
    accounts_by(&vitrine, &old).await.expect(200);

    rotate(&owner, &old, 0).await.expect(201);

    assert_eq!(accounts_by(&vitrine, &old).await.problem(401), "key_rotated");
}

async fn of_several_rotations_at_once_one_succeeds(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    let old = made(&owner, json!({})).await;

    let answers = futures::future::join_all((0..6).map(|_| rotate(&owner, &old, 60))).await;

    let made: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    assert_eq!(made.len(), 1);
    for refused in answers.iter().filter(|answer| answer.status != 201) {
        assert_eq!(refused.problem(409), "key_already_rotated");
    }
    let keys = owner.get("/v1/api-keys").await.expect(200);
    assert_eq!(keys["data"].as_array().unwrap().len(), 2, "nothing is half made");
}

async fn a_key_that_ended_is_not_rotated(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (mut owner, stranger) = (vitrine.owner("ada").await, vitrine.owner("bob").await);
    let revoked = made(&owner, json!({})).await;
    let soon = chrono::Duration::minutes(5);
    let soon = (vitrine.simulator.clock().now() + soon).to_rfc3339();
    let expired = made(&owner, json!({"expires_at": soon})).await;
    let living = made(&owner, json!({})).await;
    let path = format!("/v1/api-keys/{}", text(&revoked["id"]));
    owner.delete(&path).await.expect(204);
    vitrine.advance(Duration::from_mins(6)).await;
    owner.signs_in_again().await;

    for key in [&revoked, &expired] {
        assert_eq!(rotate(&owner, key, 60).await.problem(409), "key_ended");
    }
    assert_eq!(accounts_by(&vitrine, &expired).await.problem(401), "key_expired");
    assert_eq!(accounts_by(&vitrine, &revoked).await.problem(401), "key_revoked");
    assert_eq!(rotate(&stranger, &living, 60).await.problem(404), "not_found");
    let too_long = rotate(&owner, &living, 604_801).await;
    assert_eq!(too_long.problem(422), "validation_failed");
    assert_eq!(too_long.json()["errors"][0]["field"], "overlap_seconds");
    accounts_by(&vitrine, &living).await.expect(200);
}

async fn a_key_that_was_made_to_end_gets_a_successor_that_lives_as_long(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let mut owner = vitrine.owner("ada").await;
    let end = vitrine.simulator.clock().now() + chrono::Duration::days(10);
    let old = made(&owner, json!({"expires_at": end.to_rfc3339()})).await;
    vitrine.advance(Duration::from_hours(9 * 24)).await;
    owner.signs_in_again().await;

    let new = rotate(&owner, &old, 604_800).await.expect(201);

    let end_of = |key: &Value| {
        text(&key["expires_at"])
            .parse::<chrono::DateTime<chrono::Utc>>()
            .unwrap()
    };
    assert_eq!(
        end_of(&listed(&owner, &old["id"]).await),
        end_of(&old),
        "the overlap prolongs nothing"
    );
    let later = end_of(&new) - end_of(&old);
    assert!((8..=9).contains(&later.num_days()), "{later}");
}

async fn ends_that_nobody_can_mean_are_refused(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;

    for (end, code) in [
        ("2001-01-01T00:00:00Z", "in_the_past"),
        ("2999-01-01T00:00:00Z", "too_far"),
        ("+262142-01-01T00:00:00Z", "too_far"),
    ] {
        let body = json!({"name": "k", "kind": "publishable", "expires_at": end});
        let refused = owner.post("/v1/api-keys", &body).await;
        assert_eq!(refused.problem(422), "validation_failed", "{end}");
        assert_eq!(refused.json()["errors"][0]["code"], code, "{end}");
    }
}

async fn a_key_shows_itself(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    for kind in ["secret", "publishable"] {
        let scopes = if kind == "secret" {
            json!(["jobs:read"])
        } else {
            json!([])
        };
        let key = made(&owner, json!({"kind": kind, "scopes": scopes})).await;

        let shown = vitrine
            .program(Some(text(&key["key"])))
            .get("/v1/keys/self")
            .await
            .expect(200);

        for same in [
            "id",
            "name",
            "kind",
            "prefix",
            "scopes",
            "allowed_origins",
            "expires_at",
        ] {
            assert_eq!(shown[same], key[same], "{same}");
        }
        assert!(
            shown.get("key").is_none() && shown.get("hash").is_none(),
            "{shown}"
        );
    }
    assert_eq!(owner.get("/v1/keys/self").await.problem(403), "key_required");
    assert_eq!(vitrine.get("/v1/keys/self").await.problem(401), "unauthenticated");
}

async fn the_last_use_is_written_down(engines: Engines) {
    let mut vitrine = Installation::start(engines).await;
    let (used, unused, session) = {
        let owner = vitrine.owner("ada").await;
        let (used, unused) = (made(&owner, json!({})).await, made(&owner, json!({})).await);
        accounts_by(&vitrine, &used).await.expect(200);
        (used, unused, owner.access_token.clone())
    };

    vitrine.restart().await;

    let mut owner = vitrine.owner("bob").await;
    owner.access_token = session;
    let at = listed(&owner, &used["id"]).await["last_used_at"].clone();
    let made_at: chrono::DateTime<chrono::Utc> = text(&used["created_at"]).parse().unwrap();
    assert!(
        text(&at).parse::<chrono::DateTime<chrono::Utc>>().unwrap() >= made_at,
        "{at}"
    );
    assert!(listed(&owner, &unused["id"]).await["last_used_at"].is_null());
}

/// What a publishable key opens: photos in every form, and itself, of which it is told what it is or only
/// that it is one.
const OPEN_TO_PAGES: [&str; 14] = [
    "read_photos",
    "read_json_feed",
    "read_rss",
    "read_atom",
    "read_behold_feed",
    "read_graph_user",
    "list_my_media",
    "list_media_of",
    "read_object",
    "list_children",
    "read_own_key",
    "read_token_script",
    "read_token_json",
    "read_token",
];

async fn a_leaked_publishable_key_reads_photos_and_nothing_else(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (_, account, feed, key) = connected(&vitrine).await;
    let document = vitrine.get("/openapi.json").await.expect(200);
    let (mut refused, mut open) = (0, Vec::new());

    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let name = text(&operation["operationId"]);
            let guarded = operation["security"]
                .as_array()
                .is_some_and(|ways| !ways.is_empty());
            let path = path.replace("{feed_id}", &feed).replace("{account_id}", &account);
            let path = filled(&path);
            let ask = async |key: Option<&str>| {
                let method: Method = method.to_uppercase().parse().unwrap();
                let request = vitrine.program(key).request(method, &path);
                Answer::of(request.send().await.unwrap()).await
            };
            let answer = ask(Some(&key)).await;
            if OPEN_TO_PAGES.contains(&name) || is_graph(&path) {
                open.push(name.to_owned());
            } else if guarded {
                assert_eq!(answer.problem(403), "insufficient_scope", "{method} {path}");
                refused += 1;
            } else {
                assert_eq!(
                    answer.status,
                    ask(None).await.status,
                    "{method} {path}: the key opens more"
                );
            }
        }
    }
    assert!(
        refused > 20 && open.len() >= 11,
        "{refused} refused, open: {open:?}"
    );
}

fn is_graph(path: &str) -> bool {
    path.starts_with("/graph")
}

/// The path with an id in every place that still wants one.
fn filled(path: &str) -> String {
    let parts = path.split('/').map(|part| match part.starts_with('{') {
        true => uuid::Uuid::now_v7().to_string(),
        false => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("/")
}

async fn a_key_of_one_page_opens_nothing_on_another(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (owner, _, feed, _) = connected(&vitrine).await;
    let ours = json!(["https://a.example"]);
    let page = made(
        &owner,
        json!({"kind": "publishable", "scopes": [], "allowed_origins": ours}),
    )
    .await;
    let program = made(&owner, json!({"allowed_origins": ours})).await;
    let photos = format!("/v1/feeds/{feed}/photos");

    for (key, path) in [
        (&page, photos.as_str()),
        (&page, "/v1/keys/self"),
        (&program, "/v1/accounts"),
    ] {
        let asked_from = async |origin: &str| {
            let request = vitrine
                .program(Some(text(&key["key"])))
                .request(Method::GET, path);
            Answer::of(request.header("Origin", origin).send().await.unwrap()).await
        };
        asked_from("https://a.example").await.expect(200);
        for origin in [
            "https://b.example",
            "https://a.example.b.example",
            "http://a.example",
            "null",
        ] {
            assert_eq!(
                asked_from(origin).await.problem(403),
                "origin_not_allowed",
                "{path} {origin}"
            );
        }
    }
}

#[tokio::test]
async fn a_key_ends_in_other_processes_when_they_hear_of_it() {
    let mut vitrine = Installation::start(Engines::Distributed).await;
    let other = vitrine.another_api().await;
    let (owner, _, feed, _) = connected(&vitrine).await;
    let photos = format!("{other}/v1/feeds/{feed}/photos");
    let asked = async |key: &Value| {
        let request = vitrine.http.get(&photos).header("X-Api-Key", text(&key["key"]));
        Answer::of(request.send().await.unwrap()).await
    };

    let publishable = json!({"kind": "publishable", "scopes": []});
    let (revoked, rotated) = (
        made(&owner, publishable.clone()).await,
        made(&owner, publishable).await,
    );
    for key in [&revoked, &rotated] {
        asked(key).await.expect(200);
    }
    let path = format!("/v1/api-keys/{}", text(&revoked["id"]));
    owner.delete(&path).await.expect(204);
    rotate(&owner, &rotated, 0).await.expect(201);

    // Less than the five seconds after which a busy key is looked at anyway.
    for (key, code) in [(&revoked, "key_revoked"), (&rotated, "key_rotated")] {
        let refused = wait_until(Duration::from_secs(2), async || asked(key).await.status == 401);
        refused.await.unwrap();
        assert_eq!(asked(key).await.problem(401), code);
    }
}
