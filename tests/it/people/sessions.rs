//! A person's sign-ins.

use super::{another_sign_in, post};
use crate::support::{Engines, Installation, on_both_pairs};
use serde_json::json;

on_both_pairs!(
    sign_ins_are_listed_and_ended_one_by_one,
    all_the_others_are_ended_at_once,
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
    let refreshed = post(
        &vitrine,
        "/v1/auth/refresh",
        &json!({"refresh_token": other.refresh_token}),
    )
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
