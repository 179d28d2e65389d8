//! Addresses are confirmed before they count.

use super::{
    letters::{letter, token},
    login,
};
use crate::support::{Engines, Installation, Owner, PASSWORD, on_both_pairs};
use serde_json::json;
use std::time::Duration;

on_both_pairs!(
    an_address_is_confirmed_once,
    another_address_counts_once_it_is_confirmed,
    an_address_that_somebody_else_took_meanwhile_is_refused,
    a_name_that_is_refused_leaves_the_address_alone,
);

const SUBJECT: &str = "Confirm your email address";

async fn verify(vitrine: &Installation, token: &str) -> crate::support::Answer {
    vitrine
        .post("/v1/auth/email/verify", &json!({"token": token}))
        .await
}

async fn wants(owner: &Owner<'_>, email: &str, password: &str) -> crate::support::Answer {
    owner
        .patch("/v1/me", &json!({"email": email, "current_password": password}))
        .await
}

async fn an_address_is_confirmed_once(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    assert_eq!(owner.get("/v1/me").await.expect(200)["email_verified"], false);
    let first = token(&letter(&vitrine, &owner.email, SUBJECT, 1).await);
    owner
        .post("/v1/me/email/verification", &json!({}))
        .await
        .expect(202);
    let second = token(&letter(&vitrine, &owner.email, SUBJECT, 2).await);

    assert_eq!(verify(&vitrine, &first).await.problem(400), "expired_link");
    verify(&vitrine, &second).await.expect(204);

    assert_eq!(owner.get("/v1/me").await.expect(200)["email_verified"], true);
    assert_eq!(verify(&vitrine, &second).await.problem(400), "used_link");
    assert_eq!(
        verify(&vitrine, "vt_ev_made-up").await.problem(400),
        "invalid_link"
    );
}

async fn another_address_counts_once_it_is_confirmed(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    vitrine
        .post("/v1/auth/password/forgot", &json!({"email": owner.email}))
        .await
        .expect(202);
    let reset = token(&letter(&vitrine, &owner.email, "Choose a new password", 1).await);
    let unproved = owner.patch("/v1/me", &json!({"email": "new@example.com"})).await;
    assert_eq!(unproved.json()["errors"][0]["field"], "current_password");
    assert_eq!(
        wants(&owner, "new@example.com", "wrong password")
            .await
            .problem(422),
        "validation_failed"
    );
    assert_eq!(
        wants(&owner, "no address", PASSWORD).await.problem(422),
        "validation_failed"
    );

    let me = wants(&owner, "NEW@example.com", PASSWORD).await.expect(200);

    assert_eq!(
        (me["email"].as_str(), me["pending_email"].as_str()),
        (Some("ada@example.com"), Some("new@example.com"))
    );
    let notice = letter(
        &vitrine,
        "ada@example.com",
        "Your email address is being changed",
        1,
    )
    .await;
    assert!(notice.contains("n***@example.com"), "{notice}");
    let link = token(&letter(&vitrine, "new@example.com", SUBJECT, 1).await);
    login(&vitrine, "ada@example.com", PASSWORD).await.expect(200);
    assert_eq!(login(&vitrine, "new@example.com", PASSWORD).await.status, 401);
    verify(&vitrine, &link).await.expect(204);
    let me = owner.get("/v1/me").await.expect(200);
    assert_eq!(
        (me["email"].as_str(), me["pending_email"].as_str()),
        (Some("new@example.com"), None)
    );
    assert_eq!(login(&vitrine, "ada@example.com", PASSWORD).await.status, 401);
    login(&vitrine, "new@example.com", PASSWORD).await.expect(200);
    // What was sent to the old address opens the account no more.
    let body = json!({"token": reset, "password": "a brand new pass phrase"});
    assert_eq!(vitrine.post("/v1/auth/password/reset", &body).await.status, 400);
}

async fn an_address_that_somebody_else_took_meanwhile_is_refused(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (ada, bob) = (vitrine.owner("ada").await, vitrine.owner("bob").await);
    wants(&ada, "wanted@example.com", PASSWORD).await.expect(200);
    let first = token(&letter(&vitrine, "wanted@example.com", SUBJECT, 1).await);
    wants(&bob, "wanted@example.com", PASSWORD).await.expect(200);
    let second = token(&letter(&vitrine, "wanted@example.com", SUBJECT, 2).await);

    verify(&vitrine, &first).await.expect(204);

    assert_eq!(verify(&vitrine, &second).await.problem(409), "email_taken");
    let bob_now = bob.get("/v1/me").await.expect(200);
    assert_eq!(
        (bob_now["email"].as_str(), bob_now["email_verified"].as_bool()),
        (Some("bob@example.com"), Some(false))
    );
    // Somebody who has the address already is not told of others who want it.
    let eve = vitrine.owner("eve").await;
    assert_eq!(
        wants(&eve, "bob@example.com", PASSWORD).await.expect(200)["email"],
        "eve@example.com"
    );
    letter(
        &vitrine,
        "eve@example.com",
        "Your email address is being changed",
        1,
    )
    .await;
    letter(&vitrine, "bob@example.com", SUBJECT, 1).await;
    vitrine.advance(Duration::from_hours(25)).await;
    assert_eq!(verify(&vitrine, &second).await.problem(400), "expired_link");
}

async fn a_name_that_is_refused_leaves_the_address_alone(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    let body = |name: &str| json!({"email": "new@example.com", "current_password": PASSWORD, "name": name});

    let refused = owner.patch("/v1/me", &body("")).await;

    assert_eq!(refused.problem(422), "validation_failed");
    assert_eq!(refused.json()["errors"][0]["field"], "name");
    let me = owner.get("/v1/me").await.expect(200);
    assert_eq!((&me["name"], &me["pending_email"]), (&json!("ada"), &json!(null)));
    let me = owner.patch("/v1/me", &body("Ada")).await.expect(200);
    assert_eq!(
        (&me["name"], &me["pending_email"]),
        (&json!("Ada"), &json!("new@example.com"))
    );
    letter(&vitrine, "new@example.com", SUBJECT, 1).await;
    letter(&vitrine, &owner.email, "Your email address is being changed", 1).await;
}
