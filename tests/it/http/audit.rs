//! Who did what, and the same request twice.

use crate::{
    identity::people::{NEW, enable, login_with_code, reset},
    support::{Answer, Engines, Installation, Owner, PASSWORD, connected, on_both_pairs},
    tenants::teams::{gives, joined, member},
};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;
use vitrine_test_support::wait_until;

on_both_pairs!(
    changes_are_recorded_with_who_and_what,
    what_comes_by_letters_is_recorded_and_wrong_codes_too,
    an_export_is_recorded_and_no_other_read,
    a_named_request_is_done_once,
    a_named_request_belongs_to_its_caller_and_its_body,
    a_first_answer_is_for_whoever_may_still_have_it,
);

async fn log_of(owner: &Owner<'_>, query: &str) -> Vec<Value> {
    let log = owner.get(&format!("/v1/audit-log{query}")).await.expect(200);
    log["data"].as_array().unwrap().clone()
}

fn actions(log: &[Value]) -> Vec<&str> {
    let actions = log.iter().map(|event| event["action"].as_str().unwrap());
    actions.collect()
}

/// Looks that a person did everything; gives their id.
async fn all_by(owner: &Owner<'_>, log: &[Value]) -> Value {
    let me = owner.get("/v1/me").await.expect(200)["id"].clone();
    for event in log {
        assert_eq!(event["actor"], json!({"kind": "user", "id": me}), "{event}");
    }
    me
}

async fn changes_are_recorded_with_who_and_what(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (owner, account, feed, _) = connected(&vitrine).await;
    let key = owner.makes_key("secret", &["feeds:write", "feeds:read"]).await;
    let program = vitrine.program(Some(&key));
    let path = format!("/v1/feeds/{feed}");
    let rename = program
        .request(Method::PATCH, &path)
        .json(&json!({"name": "Shop window"}));
    Answer::of(rename.send().await.unwrap()).await.expect(200);
    owner.patch(&path, &json!({"name": ""})).await.problem(422);
    owner.get(&path).await.expect(200);

    let log = log_of(&owner, "?limit=100").await;

    let me = owner.get("/v1/me").await.expect(200)["id"].clone();
    assert_eq!(
        actions(&log),
        [
            "update_feed",
            "create_api_key",
            "create_api_key",
            "account.connected",
            "begin_connection",
            "register"
        ]
    );
    let (renamed, made, connected, registered) = (&log[0], &log[1], &log[3], &log[5]);
    assert_eq!(renamed["actor"]["kind"], "api_key");
    assert_eq!(renamed["actor"]["id"], made["target_id"]);
    assert_eq!(renamed["target_id"], feed);
    assert!(renamed["detail"]["request_id"].is_string());
    for event in [made, connected, registered] {
        assert_eq!(event["actor"], json!({"kind": "user", "id": me}));
    }
    assert_eq!(connected["target_id"], account);
    let by_key = log_of(
        &owner,
        &format!("?actor_id={}", renamed["actor"]["id"].as_str().unwrap()),
    )
    .await;
    assert_eq!(by_key.len(), 1);
    assert_eq!(log_of(&owner, "?action=register").await.len(), 1);
    assert_eq!(log_of(&owner, &format!("?target_id={feed}")).await.len(), 1);
    assert_eq!(log_of(&vitrine.owner("bob").await, "").await.len(), 1);
}

async fn an_export_is_recorded_and_no_other_read(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    vitrine.get("/v1/tenant/export").await.problem(401);
    owner.get("/v1/tenant/export").await.expect(200);
    let asked = owner.post("/v1/tenant/exports", &json!({})).await.expect(202);
    let path = format!("/v1/tenant/exports/{}", asked["job"]["id"].as_str().unwrap());
    owner.get(&format!("{path}0/document")).await.problem(404);
    let written = wait_until(Duration::from_secs(20), async || {
        owner.get(&path).await.expect(200)["status"] == "succeeded"
    });
    assert!(written.await.is_ok(), "{}", vitrine.log());
    owner.get(&format!("{path}/document")).await.expect(200);

    let log = log_of(&owner, "?limit=100").await;

    assert_eq!(
        actions(&log),
        [
            "read_export_document",
            "request_export",
            "export_tenant",
            "register"
        ]
    );
    all_by(&owner, &log).await;
    assert_eq!(log[0]["target_id"], asked["job"]["id"]);
}

fn feed_named(name: &str) -> Value {
    json!({ "name": name })
}

async fn creates(owner: &Owner<'_>, key: &str, body: &Value) -> Answer {
    let request = owner
        .request(Method::POST, "/v1/feeds")
        .header("Idempotency-Key", key);
    Answer::of(request.json(body).send().await.unwrap()).await
}

async fn a_named_request_is_done_once(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    let body = feed_named("once");

    let answers = futures::future::join_all((0..6).map(|_| creates(&owner, "order-1", &body))).await;

    let made: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 201).collect();
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        assert_eq!(answer.problem(409), "idempotency_key_in_use");
        assert!(!answer.header("retry-after").is_empty());
    }
    let again = creates(&owner, "order-1", &body).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert!(made.iter().all(|answer| answer.text == again.text));
    assert_eq!(again.header("content-type"), "application/json");
    let feeds = owner.get("/v1/feeds").await.expect(200);
    assert_eq!(feeds["data"].as_array().unwrap().len(), 1);
    assert_eq!(log_of(&owner, "?action=create_feed").await.len(), 1);
    let fresh = creates(&owner, "order-2", &body).await;
    assert_ne!(fresh.expect(201)["id"], again.json()["id"]);
}

async fn a_named_request_belongs_to_its_caller_and_its_body(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (mut owner, other) = (vitrine.owner("ada").await, vitrine.owner("bob").await);
    let first = creates(&owner, "order-1", &feed_named("a")).await.expect(201);

    let reused = creates(&owner, "order-1", &feed_named("b")).await;
    assert_eq!(reused.problem(422), "idempotency_key_reused");
    let others = creates(&other, "order-1", &feed_named("a")).await.expect(201);
    assert_ne!(others["id"], first["id"]);
    creates(&owner, "order-3", &feed_named("")).await.problem(422);
    creates(&owner, "order-3", &feed_named("now right"))
        .await
        .expect(201);
    for wrong in ["", "two words", &"x".repeat(256)] {
        let answer = creates(&owner, wrong, &feed_named("c")).await;
        assert_eq!(answer.problem(400), "invalid_idempotency_key", "{wrong}");
    }

    vitrine.advance(Duration::from_hours(25)).await;
    owner.signs_in_again().await;
    creates(&owner, "order-1", &feed_named("b")).await.expect(201);
}

async fn a_first_answer_is_for_whoever_may_still_have_it(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let ada = vitrine.owner("ada").await;
    let grace = joined(&ada, "grace", "admin").await;
    let asks = async || {
        let body = json!({"name": "a site", "kind": "secret", "scopes": ["feeds:read"]});
        let request = grace.request(Method::POST, "/v1/api-keys");
        let request = request.header("Idempotency-Key", "order-1").json(&body);
        Answer::of(request.send().await.unwrap()).await
    };
    let first = asks().await.expect(201);
    let id = member(&ada, &grace.email).await;

    gives(&ada, &id, "viewer").await.expect(200);
    assert_eq!(asks().await.problem(403), "insufficient_role");

    gives(&ada, &id, "admin").await.expect(200);
    assert_eq!(asks().await.expect(201), first);
    gives(&ada, &id, "owner").await.expect(200);
    assert_eq!(asks().await.expect(201), first);
    let log = log_of(&ada, "?action=change_member&limit=1").await;
    assert_eq!(log[0]["detail"]["role"], "owner", "{log:?}");

    // What lowers the role of whoever asks is told to them again all the same.
    let hands_over = async || {
        let request = ada.request(Method::POST, "/v1/tenant/transfer-ownership");
        let request = request.header("Idempotency-Key", "order-2");
        Answer::of(request.json(&json!({"member_id": id})).send().await.unwrap()).await
    };
    let handed_over = hands_over().await.expect(200);
    let again = hands_over().await;
    assert_eq!(again.header("idempotency-replayed"), "true", "{again:?}");
    assert_eq!(again.expect(200), handed_over);
}

async fn what_comes_by_letters_is_recorded_and_wrong_codes_too(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    owner.confirms_address().await;
    let (_, codes) = enable(&owner).await;
    let wrong = login_with_code(&vitrine, &owner.email, PASSWORD, "000000").await;
    assert_eq!(wrong.problem(401), "invalid_code");

    reset(&vitrine, &owner.email, 1).await;

    let signed_in = login_with_code(&vitrine, &owner.email, NEW, &codes[0])
        .await
        .expect(200);
    let owner = Owner {
        access_token: signed_in["access_token"].as_str().unwrap().to_owned(),
        ..owner
    };
    let log = log_of(&owner, "?limit=100").await;
    assert_eq!(
        actions(&log),
        [
            "login",
            "reset_password",
            "second_factor.failed",
            "enable_second_factor",
            "begin_second_factor",
            "verify_email",
            "register"
        ]
    );
    let me = all_by(&owner, &log).await;
    assert_eq!(log[2]["target_id"], me);
}
