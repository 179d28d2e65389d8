//! Second factors that are switched on while something else goes by what was before.

use super::{PATH, authenticator::code};
use crate::{
    identity::people::{
        NEW, another_sign_in,
        letters::{letter, token},
        login,
    },
    support::{Answer, Engines, Held, Installation, Owner, PASSWORD},
    tenants::teams::{invites, token_for},
};
use serde_json::{Value, json};

/// Begins a second factor, and gives what enables it.
async fn begun(owner: &Owner<'_>) -> Value {
    let begun = owner.post(PATH, &json!({"current_password": PASSWORD})).await;
    let begun = begun.expect(201);
    json!({"code": code(owner.installation, begun["secret"].as_str().unwrap())})
}

/// Asks for something that waits for the person, behind a reset of their password, which ends all their sign-ins.
async fn behind_a_reset(owner: &Owner<'_>, path: &str, body: &Value) -> Answer {
    let vitrine = owner.installation;
    vitrine
        .post("/v1/auth/password/forgot", &json!({"email": owner.email}))
        .await
        .expect(202);
    let token = token(&letter(vitrine, &owner.email, "Choose a new password", 1).await);
    let held = Held::person(vitrine, &owner.email).await;
    let reset = json!({"token": token, "password": NEW});
    let asking = async {
        held.is_waited_for(1).await;
        owner.post(path, body).await
    };
    let letting = async {
        held.is_waited_for(2).await;
        held.release().await;
    };
    let resetting = vitrine.post("/v1/auth/password/reset", &reset);
    let (reset, asked, ()) = futures::join!(resetting, asking, letting);
    reset.expect(204);
    asked
}

async fn signs_in_with_new<'i>(owner: &Owner<'i>) -> Owner<'i> {
    let pair = login(owner.installation, &owner.email, NEW).await.expect(200);
    Owner::signed_in(owner.installation, owner.email.clone(), &pair)
}

#[tokio::test]
async fn nobody_enables_a_factor_by_a_sign_in_that_ended_meanwhile() {
    let vitrine = Installation::start(Engines::Distributed).await;
    let ada = vitrine.owner("ada").await;
    ada.confirms_address().await;
    let proof = begun(&ada).await;

    let refused = behind_a_reset(&ada, &format!("{PATH}/enable"), &proof).await;

    assert_eq!(refused.problem(401), "session_revoked");
    let ada = signs_in_with_new(&ada).await;
    let factor = ada.get(PATH).await.expect(200);
    assert_eq!(
        (&factor["enabled"], &factor["recovery_codes_left"]),
        (&json!(false), &json!(0))
    );
}

#[tokio::test]
async fn nobody_begins_a_factor_by_a_sign_in_that_ended_meanwhile() {
    let vitrine = Installation::start(Engines::Distributed).await;
    let ada = vitrine.owner("ada").await;
    ada.confirms_address().await;

    let refused = behind_a_reset(&ada, PATH, &json!({"current_password": PASSWORD})).await;

    assert_eq!(refused.problem(401), "session_revoked");
    let ada = signs_in_with_new(&ada).await;
    let enabled = ada
        .post(&format!("{PATH}/enable"), &json!({"code": "123456"}))
        .await;
    assert_eq!(enabled.problem(409), "second_factor_off");
}

#[tokio::test]
async fn a_factor_that_was_enabled_meanwhile_is_asked_for() {
    let vitrine = Installation::start(Engines::Distributed).await;
    let ada = vitrine.owner("ada").await;
    another_sign_in(&ada).await;
    let proof = begun(&ada).await;
    let held = Held::person(&vitrine, &ada.email).await;

    let enable = format!("{PATH}/enable");
    let enabling = ada.post(&enable, &proof);
    // A code too was judged by nothing: there was no factor yet.
    let with_code = json!({"email": ada.email, "password": PASSWORD, "code": "000000"});
    let signing_in = async {
        held.is_waited_for(1).await;
        futures::join!(
            login(&vitrine, &ada.email, PASSWORD),
            vitrine.post("/v1/auth/login", &with_code)
        )
    };
    let letting = async {
        held.is_waited_for(3).await;
        held.release().await;
    };
    let (enabled, (without, with), ()) = futures::join!(enabling, signing_in, letting);

    enabled.expect(200);
    for refused in [without, with] {
        assert_eq!(refused.problem(401), "second_factor_required");
    }
    let sessions = ada.get("/v1/me/sessions").await.expect(200);
    assert_eq!(sessions["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn nobody_joins_without_the_factor_that_was_enabled_meanwhile() {
    let vitrine = Installation::start(Engines::Distributed).await;
    let (ada, grace) = (vitrine.owner("ada").await, vitrine.owner("grace").await);
    invites(&ada, &grace.email, "admin").await.expect(201);
    let token = token_for(&vitrine, &grace.email, &[]).await;
    let proof = begun(&grace).await;
    let held = Held::tenant_of(&ada).await;

    let body = json!({"token": token, "password": PASSWORD});
    let accepting = vitrine.post("/v1/invitations/accept", &body);
    let enabling = async {
        held.is_waited_for(1).await;
        let enabled = grace.post(&format!("{PATH}/enable"), &proof).await;
        held.release().await;
        enabled
    };
    let (refused, enabled) = futures::join!(accepting, enabling);

    enabled.expect(200);
    assert_eq!(refused.problem(401), "second_factor_required");
    let members = ada.get("/v1/members").await.expect(200);
    assert_eq!(members["data"].as_array().unwrap().len(), 1);
}
