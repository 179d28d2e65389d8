//! People who accept an invitation.

use super::{invites, newcomer, token_for};
use crate::support::{Engines, Installation, Owner, Plan, on_both_pairs};
use serde_json::json;

on_both_pairs!(
    somebody_new_joins_once_also_where_strangers_may_not,
    somebody_known_joins_and_chooses_between_tenants,
    of_several_who_accept_at_once_one_joins,
);

async fn somebody_new_joins_once_also_where_strangers_may_not(engines: Engines) {
    let plan = Plan::on(engines).with("VITRINE_SIGNUP__ENABLED", "true");
    let mut vitrine = Installation::start_as(plan).await;
    let access = vitrine.owner("ada").await.access_token.clone();
    vitrine
        .settings
        .push(("VITRINE_SIGNUP__ENABLED".into(), "false".into()));
    vitrine.restart().await;
    let owner = Owner {
        installation: &vitrine,
        email: "ada@example.com".into(),
        access_token: access,
        refresh_token: String::new(),
    };
    let stranger =
        json!({"email": "x@example.com", "password": "correct horse battery", "name": "x", "site_name": "y"});
    assert_eq!(
        vitrine.post("/v1/auth/register", &stranger).await.problem(403),
        "signup_closed"
    );

    let sent = invites(&owner, " Grace@Example.com", "viewer").await.expect(201);
    assert_eq!(
        (&sent["email"], &sent["role"]),
        (&json!("grace@example.com"), &json!("viewer"))
    );
    assert!(!sent.to_string().contains("token"), "{sent}");
    let again = invites(&owner, "grace@example.com", "admin").await;
    assert_eq!(again.problem(409), "already_invited");
    let token = token_for(&vitrine, "grace@example.com", &[]).await;
    for missing in ["name", "password"] {
        let mut body = newcomer(&token);
        body.as_object_mut().unwrap().remove(missing);
        let refused = vitrine.post("/v1/invitations/accept", &body).await;
        assert_eq!(refused.problem(422), "validation_failed");
        assert_eq!(refused.json()["errors"][0]["field"], missing);
    }

    let grace = vitrine
        .post("/v1/invitations/accept", &newcomer(&token))
        .await
        .expect(200);

    assert_eq!(
        (&grace["role"], &grace["user"]["email_verified"]),
        (&json!("viewer"), &json!(true))
    );
    let again = vitrine.post("/v1/invitations/accept", &newcomer(&token)).await;
    assert_eq!(again.problem(400), "invitation_invalid");
    assert_eq!(
        invites(&owner, "grace@example.com", "admin").await.problem(409),
        "already_member"
    );
    let members = owner.get("/v1/members").await.expect(200);
    assert_eq!(members["data"].as_array().unwrap().len(), 2);
    assert_eq!(owner.get("/v1/invitations").await.expect(200)["data"], json!([]));
    let login = json!({"email": "grace@example.com", "password": "correct horse battery"});
    vitrine.post("/v1/auth/login", &login).await.expect(200);
}

async fn somebody_known_joins_and_chooses_between_tenants(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (ada, grace, mary) = (
        vitrine.owner("ada").await,
        vitrine.owner("grace").await,
        vitrine.owner("mary").await,
    );
    for email in ["grace@example.com", "mary@example.com"] {
        invites(&ada, email, "admin").await.expect(201);
    }
    let token = token_for(&vitrine, "grace@example.com", &[]).await;

    let nothing = vitrine
        .post("/v1/invitations/accept", &json!({"token": token}))
        .await;
    assert_eq!(nothing.problem(401), "unauthenticated");
    let wrong = json!({"token": token, "password": "not her password"});
    assert_eq!(
        vitrine.post("/v1/invitations/accept", &wrong).await.problem(401),
        "invalid_credentials"
    );
    let right = json!({"token": token, "password": crate::support::PASSWORD});
    let by_password = vitrine.post("/v1/invitations/accept", &right).await.expect(200);
    let token = token_for(&vitrine, "mary@example.com", &[]).await;
    let signed_in = mary
        .post("/v1/invitations/accept", &json!({"token": token}))
        .await
        .expect(200);

    let tenant = by_password["tenant"]["id"].clone();
    assert_eq!(signed_in["tenant"]["id"], tenant);
    let me = grace.get("/v1/me").await.expect(200);
    let memberships = me["memberships"].as_array().unwrap();
    let roles: Vec<_> = memberships.iter().map(|one| one["role"].clone()).collect();
    assert_eq!(
        (roles, &memberships[1]["tenant_id"]),
        (vec![json!("owner"), json!("admin")], &tenant)
    );
    let mut login = json!({"email": "grace@example.com", "password": crate::support::PASSWORD});
    let first = vitrine.post("/v1/auth/login", &login).await.expect(200);
    assert_eq!(first["tenant"]["id"], me["tenant_id"]);
    login["tenant_id"] = tenant.clone();
    assert_eq!(
        vitrine.post("/v1/auth/login", &login).await.expect(200)["tenant"]["id"],
        tenant
    );
    login["tenant_id"] = json!(uuid::Uuid::now_v7());
    assert_eq!(
        vitrine.post("/v1/auth/login", &login).await.problem(404),
        "not_found"
    );

    let moved = grace
        .post("/v1/auth/switch", &json!({"tenant_id": tenant}))
        .await
        .expect(200);
    assert_eq!(
        (&moved["tenant"]["id"], &moved["role"]),
        (&tenant, &json!("admin"))
    );
    assert_eq!(grace.get("/v1/me").await.problem(401), "session_revoked");
    let next = json!({"refresh_token": moved["refresh_token"]});
    let next = vitrine.post("/v1/auth/refresh", &next).await.expect(200);
    assert_eq!(next["tenant"]["id"], tenant);
    let elsewhere = json!({"tenant_id": uuid::Uuid::now_v7()});
    assert_eq!(
        mary.post("/v1/auth/switch", &elsewhere).await.problem(404),
        "not_found"
    );
    mary.get("/v1/me").await.expect(200);
    let replayed = vitrine
        .post("/v1/auth/refresh", &json!({"refresh_token": grace.refresh_token}))
        .await;
    assert_eq!(replayed.problem(401), "session_revoked");
}

async fn of_several_who_accept_at_once_one_joins(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let ada = vitrine.owner("ada").await;
    invites(&ada, "grace@example.com", "viewer").await.expect(201);
    let token = token_for(&vitrine, "grace@example.com", &[]).await;

    let body = newcomer(&token);
    let answers =
        futures::future::join_all((0..5).map(|_| vitrine.post("/v1/invitations/accept", &body))).await;

    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses[0], 200, "{statuses:?}");
    assert!(
        statuses[1..]
            .iter()
            .all(|status| [400, 401, 409].contains(status)),
        "{statuses:?}"
    );
    let members = ada.get("/v1/members").await.expect(200);
    assert_eq!(members["data"].as_array().unwrap().len(), 2);
}
