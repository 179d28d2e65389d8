//! Whoever belongs to no tenant any more is forgotten; whoever belongs to another one stays.

use super::{enable, login};
use crate::{
    support::{Answer, Engines, Held, Installation, Owner, PASSWORD, database, on_both_pairs},
    tenants::teams::{invites, joined, member, removes, token_for},
};
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use vitrine_entity::{InstallationOwned, UserId, outbox};

on_both_pairs!(
    whoever_leaves_their_only_tenant_is_forgotten,
    whoever_leaves_one_of_two_tenants_stays,
);

/// Invites somebody who was invited by others before; gives the token.
async fn invited_again(person: &Owner<'_>, by: &Owner<'_>) -> String {
    let old = token_for(by.installation, &person.email, &[]).await;
    invites(by, &person.email, "admin").await.expect(201);
    token_for(by.installation, &person.email, &[old]).await
}

async fn joins(person: &Owner<'_>, token: &str) {
    let accept = json!({"token": token});
    person.post("/v1/invitations/accept", &accept).await.expect(200);
}

async fn leaves(person: &Owner<'_>, owner: &Owner<'_>) -> Answer {
    removes(owner, &member(owner, &person.email).await).await
}

async fn letters_about(vitrine: &Installation, person: &Value) -> u64 {
    let person: UserId = serde_json::from_value(person.clone()).unwrap();
    let letters = outbox::Entity::rows().filter(outbox::Column::UserId.eq(person));
    letters.count(database(vitrine).await.connection()).await.unwrap()
}

async fn whoever_leaves_their_only_tenant_is_forgotten(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let ada = vitrine.owner("ada").await;
    let grace = joined(&ada, "grace", "admin").await;
    let key = grace.makes_key("secret", &["accounts:read"]).await;
    let id = grace.get("/v1/me").await.expect(200)["id"].clone();
    enable(&grace).await;
    assert_eq!(letters_about(&vitrine, &id).await, 1);
    let own = member(&grace, &grace.email).await;

    removes(&grace, &own).await.expect(204);

    assert_eq!(grace.get("/v1/me").await.problem(401), "session_revoked");
    let refused = login(&vitrine, &grace.email, PASSWORD).await;
    assert_eq!(refused.problem(401), "invalid_credentials");
    vitrine.program(Some(&key)).get("/v1/accounts").await.expect(200);
    let by_her = format!("/v1/audit-log?actor_id={}", id.as_str().unwrap());
    let log = ada.get(&by_her).await.expect(200);
    assert_eq!(log["data"][0]["action"], "remove_member", "{log}");
    assert_eq!(letters_about(&vitrine, &id).await, 0);

    let anew = vitrine.owner("grace").await;
    let me = anew.get("/v1/me").await.expect(200);
    assert_eq!(
        (&me["role"], &me["email_verified"]),
        (&json!("owner"), &json!(false))
    );
}

async fn whoever_leaves_one_of_two_tenants_stays(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (ada, grace) = (vitrine.owner("ada").await, vitrine.owner("grace").await);
    invites(&ada, &grace.email, "admin").await.expect(201);
    joins(&grace, &token_for(&vitrine, &grace.email, &[]).await).await;

    leaves(&grace, &ada).await.expect(204);

    let me = grace.get("/v1/me").await.expect(200);
    assert_eq!(me["memberships"].as_array().unwrap().len(), 1);
    login(&vitrine, &grace.email, PASSWORD).await.expect(200);
}

#[tokio::test]
async fn whoever_leaves_two_tenants_at_once_is_forgotten() {
    let vitrine = Installation::start(Engines::Distributed).await;
    let (ada, mary) = (vitrine.owner("ada").await, vitrine.owner("mary").await);
    let grace = joined(&ada, "grace", "viewer").await;
    joins(&grace, &invited_again(&grace, &mary).await).await;

    let held = Held::person(&vitrine, &grace.email).await;
    let letting = async {
        held.is_waited_for(2).await;
        held.release().await;
    };
    let (first, second, ()) = futures::join!(leaves(&grace, &ada), leaves(&grace, &mary), letting);

    first.expect(204);
    second.expect(204);
    vitrine.owner("grace").await;
}

#[tokio::test]
async fn whoever_joins_while_they_leave_stays() {
    let vitrine = Installation::start(Engines::Distributed).await;
    let (ada, mary) = (vitrine.owner("ada").await, vitrine.owner("mary").await);
    let grace = joined(&ada, "grace", "viewer").await;
    let token = invited_again(&grace, &mary).await;

    let held = Held::person(&vitrine, &grace.email).await;
    let accept = json!({"token": token, "password": PASSWORD});
    let leaving = async {
        held.is_waited_for(1).await;
        leaves(&grace, &ada).await
    };
    let letting = async {
        held.is_waited_for(2).await;
        held.release().await;
    };
    let accepting = vitrine.post("/v1/invitations/accept", &accept);
    let (accepted, left, ()) = futures::join!(accepting, leaving, letting);

    accepted.expect(200);
    left.expect(204);
    login(&vitrine, &grace.email, PASSWORD).await.expect(200);
}
