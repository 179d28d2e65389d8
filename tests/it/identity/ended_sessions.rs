//! `vitrine admin end-sessions`, run as an operator runs it.

use crate::support::{Engines, Installation, Owner, on_both_pairs};
use serde_json::json;
use std::{process::Output, time::Duration};

on_both_pairs!(
    the_sign_ins_of_one_person_are_ended,
    the_sign_ins_of_everybody_are_ended,
    a_sign_in_that_had_expired_is_not_counted,
);

async fn ends(vitrine: &Installation, arguments: &[&str]) -> Output {
    vitrine.admin(&[&["end-sessions"], arguments].concat()).await
}

fn said(output: &Output) -> (bool, String) {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    (output.status.success(), String::from_utf8(text).unwrap())
}

async fn is_out(owner: &Owner<'_>) {
    assert_eq!(owner.get("/v1/me").await.problem(401), "session_revoked");
    let refresh = json!({"refresh_token": owner.refresh_token});
    let refused = owner.installation.post("/v1/auth/refresh", &refresh).await;
    assert_eq!(refused.problem(401), "session_revoked");
}

async fn the_sign_ins_of_one_person_are_ended(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (ada, grace) = (vitrine.owner("ada").await, vitrine.owner("grace").await);
    let other = Owner::signs_in(&vitrine, &ada.email).await;

    let output = ends(&vitrine, &["--email", "ADA@example.com"]).await;

    assert_eq!(said(&output), (true, "sessions ended: 2\n".to_owned()));
    is_out(&ada).await;
    is_out(&other).await;
    grace.get("/v1/me").await.expect(200);
    let ada = Owner::signs_in(&vitrine, &ada.email).await;
    let log = ada.get("/v1/audit-log?action=sessions.ended").await.expect(200);
    assert_eq!(log["data"][0]["actor"]["kind"], "system");
    assert_eq!(
        log["data"][0]["target_id"],
        ada.get("/v1/me").await.expect(200)["id"]
    );
}

async fn the_sign_ins_of_everybody_are_ended(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (ada, grace) = (vitrine.owner("ada").await, vitrine.owner("grace").await);
    let key = ada.makes_key("publishable", &[]).await;

    let (unknown, said_of_unknown) = said(&ends(&vitrine, &["--email", "nobody@example.com"]).await);
    assert!(
        !unknown && said_of_unknown.contains("nobody has this email address"),
        "{said_of_unknown}"
    );
    for wrong in [&[][..], &["--all", "--email", "ada@example.com"]] {
        assert_eq!(ends(&vitrine, wrong).await.status.code(), Some(2));
    }
    ada.get("/v1/me").await.expect(200);
    let output = ends(&vitrine, &["--all"]).await;

    assert_eq!(said(&output), (true, "sessions ended: 2\n".to_owned()));
    is_out(&ada).await;
    is_out(&grace).await;
    vitrine.program(Some(&key)).get("/v1/keys/self").await.expect(200);
    Owner::signs_in(&vitrine, &ada.email)
        .await
        .get("/v1/me")
        .await
        .expect(200);
}

async fn a_sign_in_that_had_expired_is_not_counted(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let ada = vitrine.owner("ada").await;
    vitrine.advance(Duration::from_hours(31 * 24)).await;
    let again = Owner::signs_in(&vitrine, &ada.email).await;

    let output = ends(&vitrine, &["--email", &ada.email]).await;

    assert_eq!(said(&output), (true, "sessions ended: 1\n".to_owned()));
    is_out(&again).await;
    let output = ends(&vitrine, &["--all"]).await;
    assert_eq!(said(&output), (true, "sessions ended: 0\n".to_owned()));
}
