//! Whom an invitation is for, and when it ends.

use super::{gives, invites, joined, member, newcomer, removes, text, token_for};
use crate::support::{Engines, Installation, on_both_pairs};
use serde_json::json;
use std::time::Duration;

on_both_pairs!(
    an_invitation_is_for_its_address_alone,
    an_invitation_ends,
    what_a_member_sent_goes_when_it_was_too_much,
);

async fn an_invitation_is_for_its_address_alone(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (ada, bob) = (vitrine.owner("ada").await, vitrine.owner("bob").await);
    invites(&ada, "grace@example.com", "admin").await.expect(201);
    let token = token_for(&vitrine, "grace@example.com", &[]).await;

    let body = json!({"token": token});
    assert_eq!(
        bob.post("/v1/invitations/accept", &body).await.problem(403),
        "invitation_of_another"
    );
    for token in ["", "x", "0000000000000000000000000000000000000000000"] {
        let forged = vitrine.post("/v1/invitations/accept", &newcomer(token)).await;
        assert_eq!(forged.problem(400), "invitation_invalid");
    }
    // A look-alike of the address is somebody else's.
    let look_alike = invites(&ada, "gr\u{430}ce@example.com", "viewer").await;
    assert_eq!(look_alike.problem(422), "validation_failed");
    let members = ada.get("/v1/members").await.expect(200);
    assert_eq!(members["data"].as_array().unwrap().len(), 1);
    vitrine
        .post("/v1/invitations/accept", &newcomer(&token))
        .await
        .expect(200);
}

async fn an_invitation_ends(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let mut ada = vitrine.owner("ada").await;
    let withdrawn = invites(&ada, "grace@example.com", "viewer").await.expect(201);
    let first = token_for(&vitrine, "grace@example.com", &[]).await;
    let path = format!("/v1/invitations/{}", text(&withdrawn["id"]));
    ada.delete(&path).await.expect(204);
    assert_eq!(ada.delete(&path).await.problem(404), "not_found");
    let refused = vitrine.post("/v1/invitations/accept", &newcomer(&first)).await;
    assert_eq!(refused.problem(400), "invitation_invalid");

    invites(&ada, "grace@example.com", "viewer").await.expect(201);
    let second = token_for(&vitrine, "grace@example.com", std::slice::from_ref(&first)).await;
    vitrine.advance(Duration::from_hours(7 * 24 + 1)).await;
    ada.signs_in_again().await;
    let refused = vitrine.post("/v1/invitations/accept", &newcomer(&second)).await;
    assert_eq!(refused.problem(400), "invitation_invalid");
    invites(&ada, "grace@example.com", "viewer").await.expect(201);
    let third = token_for(&vitrine, "grace@example.com", &[first, second]).await;
    vitrine
        .post("/v1/invitations/accept", &newcomer(&third))
        .await
        .expect(200);
}

async fn what_a_member_sent_goes_when_it_was_too_much(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let ada = vitrine.owner("ada").await;
    let grace = joined(&ada, "grace", "owner").await;
    for role in ["viewer", "owner"] {
        invites(&grace, &format!("{role}@example.com"), role)
            .await
            .expect(201);
    }
    let token = token_for(&vitrine, "owner@example.com", &[]).await;
    let id = member(&ada, "grace@example.com").await;
    let open = async || {
        let open = ada.get("/v1/invitations").await.expect(200);
        open["data"].as_array().unwrap().len()
    };

    gives(&ada, &id, "admin").await.expect(200);
    assert_eq!(open().await, 1, "an admin invites no owners");
    let refused = vitrine.post("/v1/invitations/accept", &newcomer(&token)).await;
    assert_eq!(refused.problem(400), "invitation_invalid");
    removes(&ada, &id).await.expect(204);
    assert_eq!(open().await, 0);
}
