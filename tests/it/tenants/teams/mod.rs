//! Members, their roles, and invitations.

use crate::support::{
    Answer, Engines, Installation, Owner, Plan,
    letters::{letter, letters, token_behind},
    on_both_pairs,
};
use serde_json::{Value, json};
use std::time::Duration;
use vitrine_test_support::wait_until;

on_both_pairs!(
    somebody_new_joins_once_also_where_strangers_may_not,
    somebody_known_joins_and_chooses_between_tenants,
    an_invitation_is_for_its_address_alone,
    an_invitation_ends,
    of_several_who_accept_at_once_one_joins,
    roles_hold_and_count_at_once,
    a_removed_member_is_out_at_once,
    what_a_member_sent_goes_when_it_was_too_much,
    two_owners_who_leave_at_once_leave_one,
    ownership_is_handed_over_whole,
    owners_are_told_of_new_ones_and_of_those_who_go,
    members_of_another_tenant_do_not_exist,
);

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
