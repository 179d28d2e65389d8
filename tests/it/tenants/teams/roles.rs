//! What each role may do with members.

use super::{gives, invites, joined, member, removes};
use crate::support::{Engines, Installation, on_both_pairs};
use serde_json::json;

on_both_pairs!(roles_hold_and_count_at_once);

async fn roles_hold_and_count_at_once(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let ada = vitrine.owner("ada").await;
    let (admin, viewer) = (
        joined(&ada, "grace", "admin").await,
        joined(&ada, "mary", "viewer").await,
    );
    let (owner_id, admin_id, viewer_id) = (
        member(&ada, "ada@example.com").await,
        member(&ada, "grace@example.com").await,
        member(&ada, "mary@example.com").await,
    );

    for (who, answer) in [
        (
            "viewer invites",
            invites(&viewer, "x@example.com", "viewer").await,
        ),
        ("viewer lists invitations", viewer.get("/v1/invitations").await),
        ("viewer promotes", gives(&viewer, &viewer_id, "admin").await),
        ("viewer removes", removes(&viewer, &admin_id).await),
        (
            "admin invites an owner",
            invites(&admin, "x@example.com", "owner").await,
        ),
        ("admin makes an owner", gives(&admin, &viewer_id, "owner").await),
        (
            "admin makes itself an owner",
            gives(&admin, &admin_id, "owner").await,
        ),
        (
            "admin demotes the owner",
            gives(&admin, &owner_id, "viewer").await,
        ),
        ("admin removes the owner", removes(&admin, &owner_id).await),
        (
            "admin takes over",
            admin
                .post("/v1/tenant/transfer-ownership", &json!({"member_id": admin_id}))
                .await,
        ),
    ] {
        assert_eq!(answer.status, 403, "{who}: {}", answer.text);
        assert_eq!(answer.problem(403), "insufficient_role", "{who}");
    }
    assert_eq!(
        gives(&ada, &viewer_id, "emperor").await.problem(422),
        "validation_failed"
    );
    assert_eq!(gives(&ada, &owner_id, "admin").await.problem(409), "last_owner");
    assert_eq!(removes(&ada, &owner_id).await.problem(409), "last_owner");

    assert_eq!(
        gives(&admin, &viewer_id, "admin").await.expect(200)["role"],
        "admin"
    );
    viewer.get("/v1/invitations").await.expect(200);
    assert_eq!(
        gives(&admin, &viewer_id, "viewer").await.expect(200)["role"],
        "viewer"
    );
    assert_eq!(
        viewer.get("/v1/invitations").await.problem(403),
        "insufficient_role"
    );
    gives(&ada, &admin_id, "owner").await.expect(200);
    gives(&admin, &owner_id, "viewer").await.expect(200);
    assert_eq!(
        gives(&ada, &owner_id, "owner").await.problem(403),
        "insufficient_role"
    );
}
