//! Registering: once, and bounded by network.

use crate::support::{Answer, Engines, Installation, PASSWORD, Plan, on_both_pairs};
use serde_json::json;
use std::time::Duration;

on_both_pairs!(
    a_network_registers_so_often_in_an_hour,
    many_registrations_keep_nobody_from_signing_in,
    registering_twice_makes_one_person,
);

const LIMIT: &str = "VITRINE_SIGNUP__PER_NETWORK_PER_HOUR";

async fn installation(engines: Engines, limit: &str) -> Installation {
    let plan = Plan::on(engines)
        .with("VITRINE_SERVER__TRUSTED_PROXIES", r#"["127.0.0.1"]"#)
        .with(LIMIT, limit);
    Installation::start_as(plan).await
}

/// Registers as if a proxy on this machine had passed it on.
async fn register(vitrine: &Installation, address: &str, name: &str) -> Answer {
    let email = format!("{name}@example.com");
    let body = json!({"email": email, "password": PASSWORD, "name": "x", "site_name": "y"});
    let request = vitrine.http.post(format!("{}/v1/auth/register", vitrine.address));
    let request = request.header("X-Forwarded-For", address).json(&body);
    Answer::of(request.send().await.unwrap()).await
}

async fn a_network_registers_so_often_in_an_hour(engines: Engines) {
    let vitrine = installation(engines, "3").await;
    let school = "203.0.113.5";

    register(&vitrine, school, "ada").await.expect(201);
    let refused = register(&vitrine, school, "no address ").await;
    assert_eq!(refused.problem(422), "validation_failed");
    let taken = register(&vitrine, school, "ADA").await;
    assert_eq!(taken.problem(409), "email_taken");

    for name in ["ada", "cy", "no address "] {
        let refused = register(&vitrine, school, name).await;
        assert_eq!(refused.problem(429), "too_many_tries", "{name}");
        let detail = refused.json()["detail"].as_str().unwrap().to_owned();
        assert!(
            detail.contains("takes 3 registrations from one network in an hour"),
            "{detail}"
        );
        assert!(
            detail.contains("Try again after") && detail.contains(" UTC"),
            "{detail}"
        );
        let seconds: u64 = refused.header("retry-after").parse().unwrap();
        assert!((1..=3_601).contains(&seconds), "{seconds}");
    }
    register(&vitrine, "203.0.113.6", "cy").await.expect(201);
    vitrine.advance(Duration::from_hours(1)).await;
    register(&vitrine, school, "di").await.expect(201);
}

/// Also under one name: whoever is not signed in has no requests that could be told again.
async fn registering_twice_makes_one_person(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let body =
        json!({"email": "ada@example.com", "password": PASSWORD, "name": "Ada", "site_name": "a site"});
    let registers = async || {
        let request = vitrine.http.post(format!("{}/v1/auth/register", vitrine.address));
        let request = request.header("Idempotency-Key", "order-1").json(&body);
        Answer::of(request.send().await.unwrap()).await
    };

    let (first, second) = futures::join!(registers(), registers());
    let third = registers().await;

    let (made, refused) = match first.status.as_u16() {
        201 => (first, second),
        _ => (second, first),
    };
    made.expect(201);
    for refused in [refused, third] {
        assert_eq!(refused.problem(409), "email_taken");
        assert!(!refused.text.contains("access_token"), "{refused:?}");
    }
}

async fn many_registrations_keep_nobody_from_signing_in(engines: Engines) {
    let vitrine = installation(engines, "20").await;
    let owner = vitrine.owner("ada").await;
    let (names, mut answers) = (0..100, tokio::task::JoinSet::new());
    for name in names {
        let body = json!({"email": format!("p{name}@example.com"), "password": PASSWORD, "name": "x", "site_name": "y"});
        let request = vitrine.http.post(format!("{}/v1/auth/register", vitrine.address));
        let request = request.header("X-Forwarded-For", "203.0.113.5").json(&body);
        answers.spawn(async move { request.send().await.unwrap().status().as_u16() });
    }

    super::login(&vitrine, &owner.email, PASSWORD).await.expect(200);

    let mut answers = answers.join_all().await;
    answers.sort_unstable();
    let made = answers.iter().filter(|status| **status == 201).count();
    assert_eq!(made, 20, "{answers:?}");
    assert!(answers[made..].iter().all(|status| *status == 429), "{answers:?}");
}
