//! Guessing is bounded, and keeps nobody out.

use super::letters::{letter, token};
use crate::support::{Answer, Engines, Installation, PASSWORD, Plan, on_both_pairs};
use serde_json::{Value, json};
use std::time::Duration;
use vitrine_test_support::wait_until;

on_both_pairs!(
    strangers_who_guess_do_not_keep_the_owner_out,
    one_network_cannot_try_everybody,
    a_neighbour_does_not_keep_the_owner_out_at_home,
    failed_sign_ins_say_whose_account_was_meant,
);

async fn installation(engines: Engines) -> Installation {
    Installation::start_as(Plan::on(engines).with("VITRINE_SERVER__TRUSTED_PROXIES", r#"["127.0.0.1"]"#))
        .await
}

/// Sends a request as if a proxy on this machine had passed it on.
async fn from(vitrine: &Installation, address: &str, path: &str, body: serde_json::Value) -> Answer {
    let request = vitrine.http.post(format!("{}{path}", vitrine.address));
    let request = request.header("X-Forwarded-For", address).json(&body);
    Answer::of(request.send().await.unwrap()).await
}

async fn login(vitrine: &Installation, address: &str, email: &str, password: &str) -> Answer {
    from(
        vitrine,
        address,
        "/v1/auth/login",
        json!({"email": email, "password": password}),
    )
    .await
}

async fn strangers_who_guess_do_not_keep_the_owner_out(engines: Engines) {
    let vitrine = installation(engines).await;
    let owner = vitrine.owner("ada").await;
    let home = "127.0.0.1";
    for email in [owner.email.as_str(), "nobody@example.com"] {
        for number in 0..10 {
            let answer = login(&vitrine, &format!("203.0.113.{number}"), email, "wrong password").await;
            assert_eq!(answer.problem(401), "invalid_credentials");
        }
        let refused = login(&vitrine, "203.0.113.77", email, "wrong password").await;
        assert_eq!(refused.problem(429), "too_many_tries");
        let seconds: u64 = refused.header("retry-after").parse().unwrap();
        assert!((1..=901).contains(&seconds), "{seconds}");
        assert_eq!(refused.header("ratelimit-policy"), "\"tries\";q=10;w=900");
        assert_eq!(refused.header("ratelimit"), format!("\"tries\";r=0;t={seconds}"));
    }

    assert_eq!(
        login(&vitrine, "203.0.113.88", &owner.email, PASSWORD)
            .await
            .problem(429),
        "too_many_tries"
    );
    login(&vitrine, home, &owner.email, PASSWORD).await.expect(200);
    owner.get("/v1/me").await.expect(200);

    // On a journey, a letter makes the new network a known one.
    let hotel = "198.51.100.9";
    from(
        &vitrine,
        hotel,
        "/v1/auth/password/forgot",
        json!({"email": owner.email}),
    )
    .await
    .expect(202);
    let token = token(&letter(&vitrine, &owner.email, "Choose a new password", 1).await);
    let new = "a brand new pass phrase";
    from(
        &vitrine,
        hotel,
        "/v1/auth/password/reset",
        json!({"token": token, "password": new}),
    )
    .await
    .expect(204);
    login(&vitrine, hotel, &owner.email, new).await.expect(200);
    assert_eq!(
        login(&vitrine, "203.0.113.88", &owner.email, new)
            .await
            .problem(429),
        "too_many_tries"
    );

    vitrine.advance(Duration::from_mins(16)).await;
    login(&vitrine, "203.0.113.88", &owner.email, new)
        .await
        .expect(200);
}

async fn one_network_cannot_try_everybody(engines: Engines) {
    let vitrine = installation(engines).await;
    let mut failed = 0;
    let refused = loop {
        let email = format!("person{}@example.com", failed / 5);
        let answer = login(&vitrine, "203.0.113.5", &email, "wrong password").await;
        if answer.status != 401 {
            break answer;
        }
        failed += 1;
        assert!(failed <= 50);
    };

    assert_eq!((refused.problem(429).as_str(), failed), ("too_many_tries", 50));
    assert_eq!(
        login(&vitrine, "203.0.113.6", "x@example.com", "wrong password")
            .await
            .status,
        401
    );
}

async fn a_neighbour_does_not_keep_the_owner_out_at_home(engines: Engines) {
    let vitrine = installation(engines).await;
    let owner = vitrine.owner("ada").await;
    let house = "203.0.113.5";
    login(&vitrine, house, &owner.email, PASSWORD).await.expect(200);
    for number in 0..50 {
        let email = format!("person{}@example.com", number / 5);
        let answer = login(&vitrine, house, &email, "wrong password").await;
        assert_eq!(answer.problem(401), "invalid_credentials");
    }
    let refused = login(&vitrine, house, "one.more@example.com", "wrong password").await;
    assert_eq!(refused.problem(429), "too_many_tries");

    for _ in 0..3 {
        login(&vitrine, house, &owner.email, PASSWORD).await.expect(200);
    }

    for _ in 0..20 {
        let answer = login(&vitrine, house, &owner.email, "wrong password").await;
        assert_eq!(answer.problem(401), "invalid_credentials");
    }
    let refused = login(&vitrine, house, &owner.email, PASSWORD).await;
    assert_eq!(refused.problem(429), "too_many_tries");
    login(&vitrine, "127.0.0.1", &owner.email, PASSWORD)
        .await
        .expect(200);
}

/// What the log says about proofs that failed: whose, and how it ended.
fn failures(vitrine: &Installation) -> Vec<(Value, String)> {
    let log = vitrine.log();
    let lines = log
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines
        .filter(|line| {
            line["message"]
                .as_str()
                .is_some_and(|text| text.contains("a login or code"))
        })
        .map(|line| {
            assert!(line["span"]["request.id"].is_string(), "{line}");
            (
                line["user.id"].clone(),
                line["message"].as_str().unwrap().to_owned(),
            )
        })
        .collect()
}

async fn failed_sign_ins_say_whose_account_was_meant(engines: Engines) {
    let vitrine = installation(engines).await;
    let ada = vitrine.owner("ada").await;
    let id = ada.get("/v1/me").await.expect(200)["id"].clone();
    for email in [ada.email.as_str(), "nobody@example.com"] {
        for number in 0..11 {
            login(&vitrine, &format!("203.0.113.{number}"), email, "wrong password").await;
        }
    }

    let all_told = wait_until(Duration::from_secs(20), async || failures(&vitrine).len() >= 22);
    assert!(all_told.await.is_ok(), "{}", vitrine.log());

    let (hers, nobodys): (Vec<_>, Vec<_>) = failures(&vitrine).into_iter().partition(|(user, _)| *user == id);
    assert_eq!((hers.len(), nobodys.len()), (11, 11));
    assert!(nobodys.iter().all(|(user, _)| user.is_null()), "{nobodys:?}");
    for told in [hers, nobodys] {
        let throttled = told
            .iter()
            .filter(|(_, message)| message.contains("refused unchecked"));
        assert_eq!(throttled.count(), 1, "{told:?}");
    }
    let log = vitrine.log();
    assert!(!log.contains("@example.com"), "{log}");
    let (addresses, named) = ("203.0.113.", r#""client.address":"203.0.113."#);
    assert_eq!(
        log.matches(addresses).count(),
        log.matches(named).count(),
        "{log}"
    );
}
