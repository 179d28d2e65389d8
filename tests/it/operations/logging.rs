//! What the log says, and how.

use crate::{
    support::{Answer, Engines, Installation, on_both_pairs},
    tenants::teams::joined,
};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;
use vitrine_test_support::wait_until;

on_both_pairs!(
    every_line_is_json_on_standard_error_with_its_time_in_utc,
    what_is_refused_is_logged_with_who_asked,
    a_request_is_logged_with_who_asked_from_where_and_in_which_trace,
);

/// The line of the request with this id.
fn handled(vitrine: &Installation, id: &str) -> Option<Value> {
    let mut lines = lines(&vitrine.log()).into_iter();
    lines.find(|line| line["message"] == "request handled" && line["request.id"] == id)
}

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN: &str = "00f067aa0ba902b7";

async fn a_request_is_logged_with_who_asked_from_where_and_in_which_trace(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let ada = vitrine.owner("ada").await;
    let me = ada.get("/v1/me").await.expect(200);
    let key = ada.makes_key("secret", &["accounts:read"]).await;
    let keys = ada.get("/v1/api-keys").await.expect(200);

    let traced = vitrine
        .program(Some(&key))
        .request(Method::GET, "/v1/accounts")
        .header("traceparent", format!("00-{TRACE}-{SPAN}-01"));
    let by_key = Answer::of(traced.send().await.unwrap()).await;
    let by_person = ada.get("/v1/me").await;
    let by_nobody = vitrine.get("/healthz").await;

    let id = |answer: &Answer| answer.header("x-request-id").to_owned();
    let last = id(&by_nobody);
    let told = wait_until(Duration::from_secs(20), async || {
        handled(&vitrine, &last).is_some()
    });
    assert!(told.await.is_ok(), "{}", vitrine.log());
    let line = handled(&vitrine, &id(&by_key)).unwrap();
    assert_eq!(line["tenant.id"], me["tenant_id"], "{line}");
    assert_eq!(line["key.id"], keys["data"][0]["id"], "{line}");
    assert_eq!(line["client.address"], "127.0.0.1", "{line}");
    assert_eq!(
        (&line["trace.id"], &line["trace.parent_span"]),
        (&json!(TRACE), &json!(SPAN))
    );
    let line = handled(&vitrine, &id(&by_person)).unwrap();
    assert_eq!(line["user.id"], me["id"], "{line}");
    assert!(line["trace.id"].is_null() && line["key.id"].is_null(), "{line}");
    let line = handled(&vitrine, &last).unwrap();
    assert!(line["tenant.id"].is_null(), "{line}");
}

fn lines(log: &str) -> Vec<Value> {
    let parse = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    log.lines().map(parse).collect()
}

async fn every_line_is_json_on_standard_error_with_its_time_in_utc(engines: Engines) {
    let mut vitrine = Installation::start(engines).await;
    vitrine.owner("ada").await;
    vitrine.restart().await;

    // What is said to people there is no part of the log.
    assert!(!vitrine.printed().contains('{'), "{}", vitrine.printed());
    let lines = lines(&vitrine.log());

    assert!(lines.len() > 4, "{lines:?}");
    for line in lines {
        let time = line["timestamp"].as_str().unwrap();
        assert!(time.ends_with('Z'), "{line}");
        assert!(chrono::DateTime::parse_from_rfc3339(time).is_ok(), "{line}");
        assert!(line["level"].is_string() && line["target"].is_string(), "{line}");
    }
}

/// The refusals with this status in the log.
fn refusals(vitrine: &Installation, status: u16) -> Vec<Value> {
    let mut lines = lines(&vitrine.log());
    lines.retain(|line| line["message"] == "request refused" && line["http.status"] == status);
    lines
}

async fn what_is_refused_is_logged_with_who_asked(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let ada = vitrine.owner("ada").await;
    let viewer = joined(&ada, "grace", "viewer").await;
    let me = viewer.get("/v1/me").await.expect(200);
    let key = ada.makes_key("publishable", &[]).await;

    let by_person = viewer.post("/v1/feeds", &json!({"name": "mine"})).await;
    assert_eq!(by_person.problem(403), "insufficient_role");
    let by_key = vitrine.program(Some(&key)).request(Method::GET, "/v1/accounts");
    let by_key = Answer::of(by_key.send().await.unwrap()).await;
    assert_eq!(by_key.problem(403), "insufficient_scope");

    let told = wait_until(Duration::from_secs(20), async || {
        refusals(&vitrine, 403).len() >= 2
    });
    assert!(told.await.is_ok(), "{}", vitrine.log());
    let refusals = refusals(&vitrine, 403);
    for (line, answer) in refusals.iter().zip([&by_person, &by_key]) {
        assert_eq!(line["request.id"], answer.header("x-request-id"), "{line}");
        assert_eq!(line["tenant.id"], me["tenant_id"], "{line}");
    }
    let actor = |line: &Value| line["actor"].as_str().unwrap().to_owned();
    assert!(
        actor(&refusals[0]).contains(me["id"].as_str().unwrap()),
        "{refusals:?}"
    );
    assert!(actor(&refusals[1]).starts_with("Key("), "{refusals:?}");
    assert!(!vitrine.log().contains(&key));
}
