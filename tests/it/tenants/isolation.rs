//! Tenants do not see each other, and a key opens what it names.

use crate::support::{Engines, Installation, on_both_pairs};
use serde_json::json;

on_both_pairs!(
    two_tenants_connect_the_same_account_apart,
    nobody_elses_things_exist,
    a_key_opens_what_it_names,
);

async fn two_tenants_connect_the_same_account_apart(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (ours, theirs) = (vitrine.owner("ours").await, vitrine.owner("theirs").await);

    let (our_account, their_account) = (
        ours.connects("vitrine.demo").await,
        theirs.connects("vitrine.demo").await,
    );
    let (our_feed, their_feed) = (ours.default_feed().await, theirs.default_feed().await);
    let (our_key, their_key) = (
        ours.makes_key("publishable", &[]).await,
        theirs.makes_key("publishable", &[]).await,
    );
    ours.photos_that(&our_feed, &our_key, |feed| {
        !feed["data"].as_array().unwrap().is_empty()
    })
    .await;
    theirs
        .photos_that(&their_feed, &their_key, |feed| {
            !feed["data"].as_array().unwrap().is_empty()
        })
        .await;

    assert_ne!(our_account, their_account);
    assert_ne!(our_feed, their_feed);
    ours.delete(&format!("/v1/accounts/{our_account}"))
        .await
        .expect(204);
    ours.photos_that(&our_feed, &our_key, |feed| {
        feed["data"].as_array().unwrap().is_empty()
    })
    .await;
    theirs
        .photos_that(&their_feed, &their_key, |feed| {
            !feed["data"].as_array().unwrap().is_empty()
        })
        .await;
    assert_eq!(theirs.account(&their_account).await["status"], "active");
}

async fn nobody_elses_things_exist(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (ours, theirs) = (vitrine.owner("ours").await, vitrine.owner("theirs").await);
    let account = theirs.connects("vitrine.demo").await;
    let feed = theirs.default_feed().await;
    let job = theirs.syncs(&account).await["id"].as_str().unwrap().to_owned();
    let keys = theirs
        .post(
            "/v1/api-keys",
            &json!({"name": "k", "kind": "secret", "scopes": ["feeds:read"]}),
        )
        .await;
    let key_id = keys.expect(201)["id"].as_str().unwrap().to_owned();
    let nobodys = uuid::Uuid::now_v7();

    for (path, code) in [
        (format!("/v1/accounts/{account}"), "not_found"),
        (format!("/v1/accounts/{account}/media"), "not_found"),
        (format!("/v1/feeds/{feed}"), "not_found"),
        (format!("/v1/jobs/{job}"), "not_found"),
    ] {
        let foreign = ours.get(&path).await;
        let unknown = ours.get(&replace_id(&path, &nobodys.to_string())).await;
        assert_eq!(foreign.problem(404), code);
        assert_eq!(
            without_instance(&foreign.text),
            without_instance(&unknown.text),
            "{path}"
        );
    }
    for path in [
        format!("/v1/accounts/{account}/sync"),
        format!("/v1/accounts/{account}/refresh-token"),
    ] {
        assert_eq!(ours.post(&path, &json!({})).await.problem(404), "not_found");
    }
    assert_eq!(
        ours.delete(&format!("/v1/accounts/{account}")).await.problem(404),
        "not_found"
    );
    assert_eq!(
        ours.delete(&format!("/v1/api-keys/{key_id}")).await.problem(404),
        "not_found"
    );
    let our_key = ours.makes_key("publishable", &[]).await;
    let photos = vitrine
        .program(Some(&our_key))
        .get(&format!("/v1/feeds/{feed}/photos"))
        .await;
    assert_eq!(photos.problem(404), "not_found");
    assert_eq!(ours.get("/v1/accounts").await.expect(200)["data"], json!([]));
    theirs
        .account_that(&account, |account| account["status"] == "active")
        .await;
}

/// The same path with another id in the place of the first.
fn replace_id(path: &str, id: &str) -> String {
    let mut parts: Vec<&str> = path.split('/').collect();
    parts[3] = id;
    parts.join("/")
}

fn without_instance(problem: &str) -> serde_json::Value {
    let mut problem: serde_json::Value = serde_json::from_str(problem).unwrap();
    problem.as_object_mut().unwrap().remove("instance");
    problem
}

async fn a_key_opens_what_it_names(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    owner.connects("vitrine.demo").await;
    let feed = owner.default_feed().await;
    let photos = format!("/v1/feeds/{feed}/photos");
    let publishable = owner.makes_key("publishable", &[]).await;
    let accounts = owner.makes_key("secret", &["accounts:read"]).await;

    let page = vitrine.program(Some(&publishable));
    page.get(&photos).await.expect(200);
    assert_eq!(page.get("/v1/accounts").await.problem(403), "insufficient_scope");
    assert_eq!(page.get("/v1/api-keys").await.problem(403), "insufficient_scope");
    let program = vitrine.program(Some(&accounts));
    program.get("/v1/accounts").await.expect(200);
    assert_eq!(program.get(&photos).await.problem(403), "insufficient_scope");
    vitrine
        .get(&format!("{photos}?key={publishable}"))
        .await
        .expect(200);

    let other = if publishable.ends_with('x') { 'y' } else { 'x' };
    let mistyped = format!("{}{other}", &publishable[..publishable.len() - 1]);
    for (key, code) in [
        (None, "unauthenticated"),
        (Some(mistyped.as_str()), "invalid_key"),
        (Some("x"), "invalid_key"),
    ] {
        assert_eq!(vitrine.program(key).get(&photos).await.problem(401), code);
    }
    let keys = owner.get("/v1/api-keys").await.expect(200);
    assert!(
        keys["data"]
            .as_array()
            .unwrap()
            .iter()
            .all(|key| key.get("key").is_none() && key.get("hash").is_none())
    );
    let id = keys["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|key| key["kind"] == "publishable")
        .unwrap()["id"]
        .clone();
    let id = id.as_str().unwrap();
    owner.delete(&format!("/v1/api-keys/{id}")).await.expect(204);
    owner.delete(&format!("/v1/api-keys/{id}")).await.expect(204);
    assert_eq!(page.get(&photos).await.problem(401), "key_revoked");
}
