//! Somebody registers with another's address, and its owner takes the account over.

use super::{
    letters::{letter, token},
    login,
    second_factor::{enable, login_with_code},
};
use crate::support::{Engines, Installation, Owner, PASSWORD, on_both_pairs};
use serde_json::{Value, json};

on_both_pairs!(
    whoever_registered_with_anothers_address_loses_it_whole,
    nobody_invites_before_their_address_is_confirmed,
    a_confirmed_person_keeps_everything_at_a_reset,
);

pub(crate) const NEW: &str = "a brand new pass phrase";
const EVERYTHING: [&str; 2] = ["feeds:read", "accounts:read"];

/// Chooses a new password by a letter.
pub(crate) async fn reset(vitrine: &Installation, email: &str, number: usize) {
    vitrine
        .post("/v1/auth/password/forgot", &json!({"email": email}))
        .await
        .expect(202);
    let token = token(&letter(vitrine, email, "Choose a new password", number).await);
    let body = json!({"token": token, "password": NEW});
    vitrine.post("/v1/auth/password/reset", &body).await.expect(204);
}

async fn keys_of(owner: &Owner<'_>) -> Vec<Value> {
    let keys = owner.get("/v1/api-keys").await.expect(200);
    keys["data"].as_array().unwrap().clone()
}

async fn whoever_registered_with_anothers_address_loses_it_whole(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let mallory = vitrine.owner("ada").await;
    let secret = mallory.makes_key("secret", &EVERYTHING).await;
    let publishable = mallory.makes_key("publishable", &[]).await;
    let (_, codes) = enable(&mallory).await;
    let change = json!({"email": "mallory@example.com", "current_password": PASSWORD, "code": codes[0]});
    mallory.patch("/v1/me", &change).await.expect(200);
    let waiting = token(&letter(&vitrine, "mallory@example.com", "Confirm your email address", 1).await);
    let program = vitrine.program(Some(&secret));
    program.get("/v1/accounts").await.expect(200);

    reset(&vitrine, &mallory.email, 1).await;

    assert_eq!(program.get("/v1/accounts").await.problem(401), "key_revoked");
    let page = vitrine.program(Some(&publishable));
    assert_eq!(page.get("/v1/keys/self").await.problem(401), "key_revoked");
    assert_eq!(mallory.get("/v1/me").await.problem(401), "session_revoked");
    assert_eq!(
        login(&vitrine, &mallory.email, PASSWORD).await.problem(401),
        "invalid_credentials"
    );
    let verified = vitrine
        .post("/v1/auth/email/verify", &json!({"token": waiting}))
        .await;
    assert_eq!(verified.problem(400), "expired_link");
    let again = login(&vitrine, &mallory.email, NEW).await.expect(200);
    let ada = Owner {
        installation: &vitrine,
        email: mallory.email.clone(),
        access_token: again["access_token"].as_str().unwrap().to_owned(),
        refresh_token: String::new(),
    };
    let factor = ada.get("/v1/me/second-factor").await.expect(200);
    assert_eq!(
        (&factor["enabled"], &factor["recovery_codes_left"]),
        (&json!(false), &json!(0))
    );
    assert!(keys_of(&ada).await.iter().all(|key| !key["revoked_at"].is_null()));
    let notice = letter(&vitrine, &ada.email, "API keys of your account have ended", 1).await;
    assert!(notice.contains("(2 in all)"), "{notice}");
}

async fn nobody_invites_before_their_address_is_confirmed(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    let invitation = json!({"email": "grace@example.com", "role": "owner"});

    let refused = owner.post("/v1/invitations", &invitation).await;
    assert_eq!(refused.problem(403), "email_unconfirmed");
    assert_eq!(owner.get("/v1/invitations").await.expect(200)["data"], json!([]));
    owner.confirms_address().await;

    owner.post("/v1/invitations", &invitation).await.expect(201);
}

async fn a_confirmed_person_keeps_everything_at_a_reset(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    owner.confirms_address().await;
    let program = owner.makes_key("secret", &EVERYTHING).await;
    let program = vitrine.program(Some(&program));
    let (_, codes) = enable(&owner).await;

    reset(&vitrine, &owner.email, 1).await;

    program.get("/v1/accounts").await.expect(200);
    assert_eq!(
        login(&vitrine, &owner.email, NEW).await.problem(401),
        "second_factor_required"
    );
    login_with_code(&vitrine, &owner.email, NEW, &codes[0])
        .await
        .expect(200);
}
