//! Owners: the last one stays, another can take over, and all of them are told.

use super::{gives, invites, joined, member, newcomer, removes, token_for};
use crate::support::{Engines, Installation, Owner, letters::letter, on_both_pairs};
use serde_json::json;

on_both_pairs!(
    two_owners_who_leave_at_once_leave_one,
    ownership_is_handed_over_whole,
    owners_are_told_of_new_ones_and_of_those_who_go,
);

async fn two_owners_who_leave_at_once_leave_one(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    for round in 0..4 {
        let ada = vitrine.owner(&format!("ada{round}")).await;
        let grace = joined(&ada, &format!("grace{round}"), "owner").await;
        let (one, two) = (member(&ada, &ada.email).await, member(&ada, &grace.email).await);

        let (left, demoted) = match round % 2 {
            0 => tokio::join!(removes(&ada, &one), removes(&grace, &two)),
            _ => tokio::join!(gives(&ada, &one, "viewer"), gives(&grace, &two, "admin")),
        };

        let (went, refused): (Vec<_>, Vec<_>) = [left, demoted]
            .into_iter()
            .partition(|answer| answer.status.is_success());
        assert_eq!((went.len(), refused.len()), (1, 1));
        assert_eq!(refused[0].problem(409), "last_owner");
    }
}

async fn ownership_is_handed_over_whole(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let ada = vitrine.owner("ada").await;
    let grace = joined(&ada, "grace", "viewer").await;
    let (one, two) = (
        member(&ada, "ada@example.com").await,
        member(&ada, "grace@example.com").await,
    );
    let hand_over = async |from: &Owner<'_>, to: &str| {
        from.post("/v1/tenant/transfer-ownership", &json!({"member_id": to}))
            .await
    };

    let oneself = hand_over(&ada, &one).await;
    assert_eq!(oneself.problem(422), "validation_failed");
    let nobody = uuid::Uuid::now_v7().to_string();
    assert_eq!(hand_over(&ada, &nobody).await.problem(404), "not_found");
    assert_eq!(hand_over(&ada, &two).await.expect(200)["role"], "owner");

    assert_eq!(ada.get("/v1/me").await.expect(200)["role"], "admin");
    assert_eq!(grace.get("/v1/me").await.expect(200)["role"], "owner");
    assert_eq!(hand_over(&ada, &one).await.problem(403), "insufficient_role");
    let given = letter(&vitrine, &ada.email, "You handed over your site", 1).await;
    assert!(
        given.contains("you made Grace the owner of ada's site"),
        "{given}"
    );
    letter(&vitrine, &grace.email, "You are now the owner of a site", 1).await;
    let log = grace
        .get("/v1/audit-log?action=transfer_ownership")
        .await
        .expect(200);
    assert_eq!(log["data"][0]["target_id"], json!(two), "{log}");
}

async fn owners_are_told_of_new_ones_and_of_those_who_go(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let ada = vitrine.owner("ada").await;
    let grace = joined(&ada, "grace", "admin").await;
    let (one, two) = (member(&ada, &ada.email).await, member(&ada, &grace.email).await);

    gives(&ada, &two, "owner").await.expect(200);
    for owner in [&ada, &grace] {
        let made = letter(&vitrine, &owner.email, "Your site has a new owner", 1).await;
        assert!(made.contains("Grace became an owner of ada's site"), "{made}");
    }
    gives(&grace, &one, "viewer").await.expect(200);
    letter(&vitrine, &ada.email, "Your site has lost an owner", 1).await;
    gives(&grace, &one, "owner").await.expect(200);
    removes(&grace, &one).await.expect(204);
    // Also to somebody who belongs to nothing any more.
    letter(&vitrine, &ada.email, "Your site has lost an owner", 2).await;

    invites(&grace, "eve@example.com", "owner").await.expect(201);
    let token = token_for(&vitrine, "eve@example.com", &[]).await;
    let accepted = vitrine.post("/v1/invitations/accept", &newcomer(&token)).await;
    accepted.expect(200);
    letter(&vitrine, &grace.email, "Your site has a new owner", 3).await;
}
