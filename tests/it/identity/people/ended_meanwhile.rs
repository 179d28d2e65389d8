//! Sign-ins that are ended while something that they asked for waits to be done.

use super::{
    NEW, another_sign_in, login, put,
    second_factor::{PATH, enable, login_with_code},
};
use crate::{
    support::{Answer, Engines, Held, Installation, Owner, PASSWORD, letters::letters},
    tenants::teams::{joined, member, removes},
};
use serde_json::{Value, json};

/// Ends the other sign-ins of a person while what one of them asks for waits for the person's row.
async fn signed_out_meanwhile(owner: &Owner<'_>, asking: impl Future<Output = Answer>) -> Answer {
    let held = Held::person(owner.installation, &owner.email).await;
    let ending = async {
        held.is_waited_for(1).await;
        owner.delete("/v1/me/sessions").await.expect(204);
        held.release().await;
    };
    futures::join!(asking, ending).0
}

async fn factor(owner: &Owner<'_>) -> (Value, Value) {
    let factor = owner.get(PATH).await.expect(200);
    (factor["enabled"].clone(), factor["recovery_codes_left"].clone())
}

/// Somebody with a second factor, a sign-in of whoever found one of the recovery codes, and a code that is left.
async fn with_factor<'i>(vitrine: &'i Installation) -> (Owner<'i>, Owner<'i>, String) {
    let ada = vitrine.owner("ada").await;
    let (_, codes) = enable(&ada).await;
    let pair = login_with_code(vitrine, &ada.email, PASSWORD, &codes[0]).await;
    let thief = Owner::signed_in(vitrine, ada.email.clone(), &pair.expect(200));
    (ada, thief, codes[1].clone())
}

#[tokio::test]
async fn a_password_is_not_changed_by_a_sign_in_that_ended_meanwhile() {
    let vitrine = Installation::start(Engines::Distributed).await;
    let ada = vitrine.owner("ada").await;
    let thief = another_sign_in(&ada).await;

    let change = json!({"current_password": PASSWORD, "new_password": NEW});
    let refused = signed_out_meanwhile(&ada, put(&thief, "/v1/me/password", &change)).await;

    assert_eq!(refused.problem(401), "session_revoked");
    ada.get("/v1/me").await.expect(200);
    login(&vitrine, &ada.email, PASSWORD).await.expect(200);
}

#[tokio::test]
async fn an_address_is_not_changed_by_a_sign_in_that_ended_meanwhile() {
    let vitrine = Installation::start(Engines::Distributed).await;
    let ada = vitrine.owner("ada").await;
    let thief = another_sign_in(&ada).await;

    let change = json!({"email": "eve@example.com", "current_password": PASSWORD});
    let refused = signed_out_meanwhile(&ada, thief.patch("/v1/me", &change)).await;

    assert_eq!(refused.problem(401), "session_revoked");
    let me = ada.get("/v1/me").await.expect(200);
    assert_eq!(me["pending_email"], Value::Null);
    assert!(letters(&vitrine, "eve@example.com").is_empty());
}

/// What outlives a sign-in is not made by one that ended before it was made.
#[tokio::test]
async fn nothing_that_lasts_is_made_by_a_sign_in_that_ended_meanwhile() {
    let vitrine = Installation::start(Engines::Distributed).await;
    let ada = vitrine.owner("ada").await;
    ada.confirms_address().await;
    let key = json!({"name": "shop window", "kind": "publishable"});
    let made = ada.post("/v1/api-keys", &key).await.expect(201);
    let rotate = format!("/v1/api-keys/{}/rotate", made["id"].as_str().unwrap());
    let accomplice = json!({"email": "eve@example.com", "role": "owner"});
    for (path, body) in [
        ("/v1/api-keys", &key),
        (rotate.as_str(), &json!({"overlap_seconds": 60})),
        ("/v1/invitations", &accomplice),
        ("/v1/accounts/connect", &json!({})),
    ] {
        let thief = another_sign_in(&ada).await;
        let refused = signed_out_meanwhile(&ada, thief.post(path, body)).await;
        assert_eq!(refused.problem(401), "session_revoked", "{path}");
    }

    let keys = ada.get("/v1/api-keys").await.expect(200);
    assert_eq!(keys["data"].as_array().unwrap().len(), 1);
    assert_eq!(keys["data"][0]["rotated_at"], Value::Null);
    assert_eq!(ada.get("/v1/invitations").await.expect(200)["data"], json!([]));
}

#[tokio::test]
async fn a_removed_member_makes_no_key_in_the_last_moment() {
    let vitrine = Installation::start(Engines::Distributed).await;
    let ada = vitrine.owner("ada").await;
    let grace = joined(&ada, "grace", "admin").await;
    let id = member(&ada, &grace.email).await;
    let held = Held::tenant_of(&ada).await;

    let making = async {
        held.is_waited_for(1).await;
        let key = json!({"name": "back door", "kind": "secret", "scopes": ["accounts:read"]});
        grace.post("/v1/api-keys", &key).await
    };
    let letting = async {
        held.is_waited_for(2).await;
        held.release().await;
    };
    let (removed, made, ()) = futures::join!(removes(&ada, &id), making, letting);

    removed.expect(204);
    assert_eq!(made.problem(401), "session_revoked");
    assert_eq!(ada.get("/v1/api-keys").await.expect(200)["data"], json!([]));
}

/// Asks for something that needs both factors, by a sign-in that ends meanwhile: the factor stays as it is.
async fn leaves_the_factor_alone(path: &str) {
    let vitrine = Installation::start(Engines::Distributed).await;
    let (ada, thief, code) = with_factor(&vitrine).await;

    let proof = json!({"current_password": PASSWORD, "code": code});
    let path = format!("{PATH}/{path}");
    let refused = signed_out_meanwhile(&ada, thief.post(&path, &proof)).await;

    assert_eq!(refused.problem(401), "session_revoked");
    assert_eq!(factor(&ada).await, (json!(true), json!(8)));
}

#[tokio::test]
async fn a_factor_is_not_disabled_by_a_sign_in_that_ended_meanwhile() {
    leaves_the_factor_alone("disable").await;
}

#[tokio::test]
async fn recovery_codes_are_not_renewed_by_a_sign_in_that_ended_meanwhile() {
    leaves_the_factor_alone("recovery-codes").await;
}
