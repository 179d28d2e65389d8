//! Passwords that are laborious to judge: who sends many of them keeps nobody else from signing in.

use crate::{
    identity::people::{
        letters::{letter, token},
        login,
    },
    support::{Engines, Installation, PASSWORD, Plan, on_both_pairs},
    tenants::teams::{invites, token_for},
};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::{task::JoinSet, time::interval};

on_both_pairs!(
    registrations_that_are_laborious_to_judge_keep_nobody_out,
    new_passwords_that_are_laborious_to_judge_keep_nobody_out,
);

/// Twenty a second.
const PACE: Duration = Duration::from_millis(50);
const REQUESTS: usize = 50;
const MALLORYS: &str = "203.0.113.5";

/// Each sign may stand for several letters, and every combination is looked up.
fn laborious() -> String {
    "4@8({[<36!9|1750$+%2".repeat(5)
}

async fn installation(engines: Engines) -> Installation {
    let plan = Plan::on(engines)
        .with("VITRINE_SERVER__TRUSTED_PROXIES", r#"["127.0.0.1"]"#)
        .with("VITRINE_SIGNUP__PER_NETWORK_PER_HOUR", "20");
    Installation::start_as(plan).await
}

/// A request as if a proxy on this machine had passed it on.
fn from(vitrine: &Installation, network: &str, path: &str, body: &Value) -> RequestBuilder {
    let request = vitrine.http.post(format!("{}{path}", vitrine.address));
    request.header("X-Forwarded-For", network).json(body)
}

/// Signs in, and gives how long it took.
async fn signs_in(vitrine: &Installation, email: &str) -> Duration {
    let began = Instant::now();
    login(vitrine, email, PASSWORD).await.expect(200);
    began.elapsed()
}

/// Somebody signs in again and again while the requests come, and once more when all have been sent; gives how those
/// were answered.
async fn keep_nobody_out(vitrine: &Installation, email: &str, requests: Vec<RequestBuilder>) -> Vec<u16> {
    let quiet = signs_in(vitrine, email).await;
    let bound = Duration::from_secs(2).max(quiet * 10);
    let sending = tokio::spawn(async move {
        let (mut turns, mut answers) = (interval(PACE), JoinSet::new());
        for request in requests {
            turns.tick().await;
            answers.spawn(async move { request.send().await.unwrap().status().as_u16() });
        }
        answers
    });
    let mut all_sent = false;
    while !all_sent {
        all_sent = sending.is_finished();
        let took = signs_in(vitrine, email).await;
        assert!(took < bound, "{took:?}, and {quiet:?} before");
    }
    sending.await.unwrap().join_all().await
}

async fn registrations_that_are_laborious_to_judge_keep_nobody_out(engines: Engines) {
    let vitrine = installation(engines).await;
    let owner = vitrine.owner("ada").await;
    let registration = |number: usize| {
        // Every other one is refused for its address.
        let email = match number % 2 {
            0 => format!("p{number}@example.com"),
            _ => "no address".to_owned(),
        };
        let body = json!({"email": email, "password": laborious(), "name": "x", "site_name": "y"});
        from(&vitrine, MALLORYS, "/v1/auth/register", &body)
    };
    let requests = (0..REQUESTS).map(registration).collect();

    let answers = keep_nobody_out(&vitrine, &owner.email, requests).await;

    let (judged, refused): (Vec<u16>, Vec<u16>) = answers.iter().partition(|status| **status != 429);
    assert_eq!((judged.len(), refused.len()), (20, REQUESTS - 20), "{answers:?}");
    assert!(
        judged.iter().all(|status| [201, 422].contains(status)),
        "{answers:?}"
    );
}

async fn new_passwords_that_are_laborious_to_judge_keep_nobody_out(engines: Engines) {
    let vitrine = installation(engines).await;
    let (owner, mallory) = (vitrine.owner("ada").await, vitrine.owner("mallory").await);
    let forgotten = json!({"email": mallory.email});
    vitrine
        .post("/v1/auth/password/forgot", &forgotten)
        .await
        .expect(202);
    let link = token(&letter(&vitrine, &mallory.email, "Choose a new password", 1).await);
    invites(&mallory, "eve@example.com", "viewer").await.expect(201);
    let invitation = token_for(&vitrine, "eve@example.com", &[]).await;
    let of_a_kind = |kind: usize| match kind {
        0 => {
            let body = json!({"current_password": "not my password", "new_password": laborious()});
            let path = format!("{}/v1/me/password", vitrine.address);
            let request = vitrine.http.put(path).bearer_auth(&mallory.access_token);
            request.header("X-Forwarded-For", MALLORYS).json(&body)
        }
        1 => {
            let body = json!({"token": link, "password": laborious()});
            from(&vitrine, MALLORYS, "/v1/auth/password/reset", &body)
        }
        _ => {
            let body = json!({"token": invitation, "name": "Eve", "password": laborious()});
            from(&vitrine, MALLORYS, "/v1/invitations/accept", &body)
        }
    };
    let requests = (0..REQUESTS + 20).map(|number| of_a_kind(number % 3)).collect();

    let answers = keep_nobody_out(&vitrine, &owner.email, requests).await;

    // What was used up is refused as such, the rest as too much.
    let refused = answers.iter().filter(|status| **status == 429).count();
    assert!(refused >= 10, "{answers:?}");
    assert!(answers.iter().all(|status| *status < 500), "{answers:?}");
}
