//! Members who are removed, and those of other tenants.

use super::{gives, invites, joined, member, removes, text};
use crate::support::{Engines, Installation, on_both_pairs};
use serde_json::json;

on_both_pairs!(
    a_removed_member_is_out_at_once,
    members_of_another_tenant_do_not_exist,
);

async fn a_removed_member_is_out_at_once(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let ada = vitrine.owner("ada").await;
    let grace = joined(&ada, "grace", "admin").await;
    let id = member(&ada, "grace@example.com").await;
    let consent = grace
        .begins(&json!({"return_to": format!("{}/", vitrine.address)}))
        .await;
    let back = grace.decides(&consent, "vitrine.demo", "allow").await;
    let key = grace.makes_key("secret", &["accounts:read"]).await;

    removes(&ada, &id).await.expect(204);

    assert_eq!(grace.get("/v1/me").await.problem(401), "session_revoked");
    let refresh = json!({"refresh_token": grace.refresh_token});
    assert_eq!(
        vitrine.post("/v1/auth/refresh", &refresh).await.problem(401),
        "session_revoked"
    );
    let opened = grace.opens(&back).await;
    assert!(!opened.header("location").contains("connected="), "{opened:?}");
    assert_eq!(ada.get("/v1/accounts").await.expect(200)["data"], json!([]));
    vitrine.program(Some(&key)).get("/v1/accounts").await.expect(200);
    assert_eq!(removes(&ada, &id).await.problem(404), "not_found");
    let again = invites(&ada, &grace.email, "viewer").await;
    again.expect(201);
}

async fn members_of_another_tenant_do_not_exist(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (ours, theirs) = (vitrine.owner("ours").await, vitrine.owner("theirs").await);
    let id = member(&theirs, "theirs@example.com").await;
    let sent = invites(&theirs, "x@example.com", "viewer").await.expect(201);
    let nobody = uuid::Uuid::now_v7().to_string();
    let invitation = |id: &str| format!("/v1/invitations/{id}");

    for (foreign, unknown) in [
        (
            gives(&ours, &id, "viewer").await,
            gives(&ours, &nobody, "viewer").await,
        ),
        (removes(&ours, &id).await, removes(&ours, &nobody).await),
        (
            ours.delete(&invitation(text(&sent["id"]))).await,
            ours.delete(&invitation(&nobody)).await,
        ),
    ] {
        assert_eq!(
            (foreign.problem(404), unknown.problem(404)),
            ("not_found".into(), "not_found".into())
        );
        assert_eq!(foreign.json()["detail"], unknown.json()["detail"]);
    }
    assert_eq!(ours.get("/v1/invitations").await.expect(200)["data"], json!([]));
    assert_eq!(
        ours.get("/v1/members").await.expect(200)["data"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}
