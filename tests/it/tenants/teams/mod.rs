//! Members, their roles, and invitations.

mod invitations;
mod joining;
mod members;
mod ownership;
mod roles;

use crate::support::{
    Answer, Installation, Owner,
    letters::{letters, token_behind},
};
use serde_json::{Value, json};
use std::time::Duration;
use vitrine_test_support::wait_until;

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

pub(crate) async fn invites(owner: &Owner<'_>, email: &str, role: &str) -> Answer {
    owner.confirms_address().await;
    owner
        .post("/v1/invitations", &json!({"email": email, "role": role}))
        .await
}

/// The token of an invitation to an address, once it is there, besides those that are known.
pub(crate) async fn token_for(vitrine: &Installation, email: &str, besides: &[String]) -> String {
    let mut found = None;
    let came = wait_until(Duration::from_secs(20), async || {
        let letters = letters(vitrine, email);
        let mut tokens = letters
            .iter()
            .filter_map(|letter| token_behind(letter, "/accept-invitation#token="));
        found = tokens.find(|token| !besides.contains(token));
        found.is_some()
    });
    came.await
        .unwrap_or_else(|_| panic!("no letter to {email}:\n{}", vitrine.log()));
    found.unwrap()
}

fn newcomer(token: &str) -> Value {
    json!({"token": token, "name": "Grace", "password": "correct horse battery"})
}

/// Somebody who joined the owner's tenant by invitation.
pub(crate) async fn joined<'i>(owner: &Owner<'i>, name: &str, role: &str) -> Owner<'i> {
    let vitrine = owner.installation;
    let email = format!("{name}@example.com");
    invites(owner, &email, role).await.expect(201);
    let token = token_for(vitrine, &email, &[]).await;
    let answer = vitrine
        .post("/v1/invitations/accept", &newcomer(&token))
        .await
        .expect(200);
    Owner {
        installation: vitrine,
        email,
        access_token: text(&answer["access_token"]).to_owned(),
        refresh_token: text(&answer["refresh_token"]).to_owned(),
    }
}

/// The id of the membership of an address.
pub(crate) async fn member(owner: &Owner<'_>, email: &str) -> String {
    let members = owner.get("/v1/members").await.expect(200);
    let mut members = members["data"].as_array().unwrap().iter();
    let member = members.find(|member| member["email"] == email);
    text(&member.unwrap()["id"]).to_owned()
}

pub(crate) async fn gives(owner: &Owner<'_>, member: &str, role: &str) -> Answer {
    owner
        .patch(&format!("/v1/members/{member}"), &json!({"role": role}))
        .await
}

pub(crate) async fn removes(owner: &Owner<'_>, member: &str) -> Answer {
    owner.delete(&format!("/v1/members/{member}")).await
}
