//! A person's sign-ins.

use super::another_sign_in;
use crate::support::{Engines, Installation, on_both_pairs, rows_of};
use serde_json::json;
use std::time::Duration;
use vitrine_test_support::wait_until;

on_both_pairs!(
    sign_ins_are_listed_and_ended_one_by_one,
    all_the_others_are_ended_at_once,
    a_sign_in_ends_after_half_a_year_and_is_forgotten_later,
);

async fn sign_ins_are_listed_and_ended_one_by_one(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    let other = another_sign_in(&owner).await;
    let stranger = vitrine.owner("bob").await;

    let listed = owner.get("/v1/me/sessions").await.expect(200);
    let sessions = listed["data"].as_array().unwrap();
    assert_eq!(sessions.len(), 2);
    assert_eq!(listed["page"]["next_cursor"], json!(null));
    let current: Vec<_> = sessions
        .iter()
        .map(|session| session["current"].as_bool().unwrap())
        .collect();
    assert_eq!(current, [false, true]);
    assert!(sessions[0]["created_at"].is_string() && sessions[0]["last_used_at"].is_string());
    assert!(sessions[0].as_object().unwrap().contains_key("user_agent"));
    let path = format!("/v1/me/sessions/{}", sessions[0]["id"].as_str().unwrap());
    let theirs = stranger.delete(&path).await;
    let unknown = stranger
        .delete("/v1/me/sessions/01890000-0000-7000-8000-000000000000")
        .await;
    assert_eq!(
        (theirs.problem(404), theirs.json()["detail"].clone()),
        (unknown.problem(404), unknown.json()["detail"].clone())
    );
    other.get("/v1/me").await.expect(200);

    owner.delete(&path).await.expect(204);

    assert_eq!(other.get("/v1/me").await.problem(401), "session_revoked");
    let refreshed = vitrine
        .post("/v1/auth/refresh", &json!({"refresh_token": other.refresh_token}))
        .await;
    assert_eq!(refreshed.problem(401), "session_revoked");
    assert_eq!(owner.delete(&path).await.problem(404), "not_found");
    assert_eq!(
        owner.get("/v1/me/sessions").await.expect(200)["data"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

async fn all_the_others_are_ended_at_once(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    let others = [another_sign_in(&owner).await, another_sign_in(&owner).await];
    let stranger = vitrine.owner("bob").await;

    for _ in 0..2 {
        owner.delete("/v1/me/sessions").await.expect(204);
    }

    owner.get("/v1/me").await.expect(200);
    stranger.get("/v1/me").await.expect(200);
    for other in others {
        assert_eq!(other.get("/v1/me").await.problem(401), "session_revoked");
    }
}

const DAY: Duration = Duration::from_hours(24);

async fn a_sign_in_ends_after_half_a_year_and_is_forgotten_later(engines: Engines) {
    let mut vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    let me = owner.get("/v1/me").await.expect(200);
    let tenant = me["tenant_id"].as_str().unwrap().parse().unwrap();
    let mut token = owner.refresh_token.clone();
    for _ in 0..7 {
        vitrine.advance(DAY * 25).await;
        let pair = vitrine
            .post("/v1/auth/refresh", &json!({"refresh_token": token}))
            .await;
        token = pair.expect(200)["refresh_token"].as_str().unwrap().to_owned();
    }
    vitrine.advance(DAY * 5 - Duration::from_mins(5)).await;
    let pair = vitrine
        .post("/v1/auth/refresh", &json!({"refresh_token": token}))
        .await;
    let pair = pair.expect(200);
    let text = |name: &str| pair[name].as_str().unwrap().to_owned();
    let latest = crate::support::Owner {
        installation: &vitrine,
        email: owner.email.clone(),
        access_token: text("access_token"),
        refresh_token: text("refresh_token"),
    };
    latest.get("/v1/me").await.expect(200);

    vitrine.advance(Duration::from_mins(6)).await;

    assert_eq!(latest.get("/v1/me").await.problem(401), "session_revoked");
    let body = json!({"refresh_token": latest.refresh_token});
    let late = vitrine.post("/v1/auth/refresh", &body).await;
    assert_eq!(late.problem(401), "expired_token");
    vitrine.advance(DAY * 91).await;
    let sessions =
        async |vitrine: &Installation| rows_of(vitrine, tenant).await.get("session").map_or(0, Vec::len);
    assert_eq!(sessions(&vitrine).await, 1);
    // Upkeep begins with a round.
    vitrine.restart().await;
    let forgotten = wait_until(Duration::from_secs(30), async || sessions(&vitrine).await == 0);
    assert!(forgotten.await.is_ok(), "{}", vitrine.log());
}
