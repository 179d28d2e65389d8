//! Passwords that are changed while something else still goes by the old one.

use crate::{
    identity::people::{another_sign_in, login, put},
    support::{Answer, Engines, Held, Installation, Owner, PASSWORD},
    tenants::teams::{invites, token_for},
};
use serde_json::{Value, json};

const NEW: &str = "a brand new pass phrase";

async fn changes(owner: &Owner<'_>, new: &str) -> Answer {
    let body = json!({"current_password": PASSWORD, "new_password": new});
    put(owner, "/v1/me/password", &body).await
}

/// Accepts while the row of the tenant that invited is held, and goes on once the password was changed.
async fn accepted_meanwhile(
    ada: &Owner<'_>,
    grace: &Owner<'_>,
    token: &str,
    by: Option<&Owner<'_>>,
) -> Answer {
    let vitrine = ada.installation;
    let held = Held::tenant_of(ada).await;
    let (accept, body) = ("/v1/invitations/accept", acceptance(token, by.is_none()));
    let accepting = async {
        match by {
            Some(owner) => owner.post(accept, &body).await,
            None => vitrine.post(accept, &body).await,
        }
    };
    let changing = async {
        held.is_waited_for(1).await;
        changes(grace, NEW).await.expect(204);
        held.release().await;
    };
    futures::join!(accepting, changing).0
}

fn acceptance(token: &str, with_password: bool) -> Value {
    match with_password {
        true => json!({"token": token, "password": PASSWORD}),
        false => json!({"token": token}),
    }
}

async fn invited(ada: &Owner<'_>) -> String {
    invites(ada, "grace@example.com", "admin").await.expect(201);
    token_for(ada.installation, "grace@example.com", &[]).await
}

#[tokio::test]
async fn nobody_joins_by_a_password_that_was_changed_meanwhile() {
    let vitrine = Installation::start(Engines::Distributed).await;
    let (ada, grace) = (vitrine.owner("ada").await, vitrine.owner("grace").await);
    let token = invited(&ada).await;

    let refused = accepted_meanwhile(&ada, &grace, &token, None).await;

    assert_eq!(refused.problem(401), "invalid_credentials");
    let members = ada.get("/v1/members").await.expect(200);
    assert_eq!(members["data"].as_array().unwrap().len(), 1);
    let body = json!({"token": token, "password": NEW});
    vitrine.post("/v1/invitations/accept", &body).await.expect(200);
}

#[tokio::test]
async fn nobody_joins_by_a_sign_in_that_ended_meanwhile() {
    let vitrine = Installation::start(Engines::Distributed).await;
    let (ada, grace) = (vitrine.owner("ada").await, vitrine.owner("grace").await);
    let thief = another_sign_in(&grace).await;
    let token = invited(&ada).await;

    let refused = accepted_meanwhile(&ada, &grace, &token, Some(&thief)).await;

    assert_eq!(refused.problem(401), "session_revoked");
    let members = ada.get("/v1/members").await.expect(200);
    assert_eq!(members["data"].as_array().unwrap().len(), 1);
    grace
        .post("/v1/invitations/accept", &acceptance(&token, false))
        .await
        .expect(200);
}

#[tokio::test]
async fn of_two_who_change_the_password_at_once_one_does() {
    let vitrine = Installation::start(Engines::Distributed).await;
    let ada = vitrine.owner("ada").await;
    let other = another_sign_in(&ada).await;
    let held = Held::person(&vitrine, &ada.email).await;

    let both = async { futures::join!(changes(&ada, NEW), changes(&other, "another pass phrase")) };
    let letting = async {
        held.is_waited_for(2).await;
        held.release().await;
    };
    let ((first, second), ()) = futures::join!(both, letting);

    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    // Whoever is second was signed out by the first.
    assert_eq!(statuses, [204, 401], "{first:?} {second:?}");
    assert_eq!(
        login(&vitrine, &ada.email, PASSWORD).await.problem(401),
        "invalid_credentials"
    );
}

#[tokio::test]
async fn an_address_is_not_changed_by_a_password_that_was_changed_meanwhile() {
    let vitrine = Installation::start(Engines::Distributed).await;
    let ada = vitrine.owner("ada").await;
    let thief = another_sign_in(&ada).await;
    let held = Held::person(&vitrine, &ada.email).await;

    let taking = async {
        held.is_waited_for(1).await;
        let body = json!({"email": "eve@example.com", "current_password": PASSWORD});
        thief.patch("/v1/me", &body).await
    };
    let letting = async {
        held.is_waited_for(2).await;
        held.release().await;
    };
    let (changed, taken, ()) = futures::join!(changes(&ada, NEW), taking, letting);

    changed.expect(204);
    assert_eq!(taken.problem(401), "session_revoked");
}
