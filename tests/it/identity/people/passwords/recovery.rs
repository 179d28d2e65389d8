//! Passwords that were forgotten.

use crate::{
    identity::people::{
        another_sign_in,
        letters::{letter, letters, token},
        login,
    },
    support::{Engines, Installation, PASSWORD, on_both_pairs},
};
use serde_json::json;
use std::time::Duration;

on_both_pairs!(
    a_forgotten_password_is_replaced_by_mail,
    nobody_learns_whether_an_address_is_known,
    a_link_that_is_old_replaced_or_forged_opens_nothing,
    of_several_at_once_one_uses_the_link,
);

const SUBJECT: &str = "Choose a new password";
const NEW: &str = "a brand new pass phrase";

async fn forget(vitrine: &Installation, email: &str) {
    vitrine
        .post("/v1/auth/password/forgot", &json!({"email": email}))
        .await
        .expect(202);
}

async fn a_forgotten_password_is_replaced_by_mail(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    let other = another_sign_in(&owner).await;

    forget(&vitrine, " ADA@Example.com").await;
    let token = token(&letter(&vitrine, "ada@example.com", SUBJECT, 1).await);
    let weak = vitrine
        .post(
            "/v1/auth/password/reset",
            &json!({"token": token, "password": "password1"}),
        )
        .await;
    assert_eq!(weak.problem(422), "validation_failed");
    assert_eq!(weak.json()["errors"][0]["code"], "too_common");
    login(&vitrine, &owner.email, PASSWORD).await.expect(200);
    let body = json!({"token": token, "password": NEW});
    vitrine.post("/v1/auth/password/reset", &body).await.expect(204);

    assert_eq!(
        vitrine.post("/v1/auth/password/reset", &body).await.problem(400),
        "used_link"
    );
    assert_eq!(owner.get("/v1/me").await.problem(401), "session_revoked");
    assert_eq!(other.get("/v1/me").await.problem(401), "session_revoked");
    assert_eq!(
        login(&vitrine, &owner.email, PASSWORD).await.problem(401),
        "invalid_credentials"
    );
    let again = login(&vitrine, &owner.email, NEW).await.expect(200);
    assert_eq!(again["user"]["email_verified"], true);
    letter(&vitrine, "ada@example.com", "Your password was changed", 1).await;
}

async fn nobody_learns_whether_an_address_is_known(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    vitrine.owner("ada").await;

    let known = vitrine
        .post("/v1/auth/password/forgot", &json!({"email": "ada@example.com"}))
        .await;
    for unknown in [
        "nobody@example.com",
        "no address",
        "\u{430}da@example.com",
        "a\u{0}@b.c",
    ] {
        let answer = vitrine
            .post("/v1/auth/password/forgot", &json!({"email": unknown}))
            .await;
        assert_eq!(
            (answer.status, &answer.text),
            (known.status, &known.text),
            "{unknown}"
        );
    }
    assert_eq!(known.status, 202);

    letter(&vitrine, "ada@example.com", SUBJECT, 1).await;
    for _ in 0..5 {
        forget(&vitrine, "ada@example.com").await;
    }
    letter(&vitrine, "ada@example.com", SUBJECT, 3).await;
    // A later letter has come, so no more about this one are on their way.
    vitrine.owner("bob").await;
    letter(&vitrine, "bob@example.com", "Confirm your email address", 1).await;
    let about = |to: &str| {
        letters(&vitrine, to)
            .iter()
            .filter(|text| text.contains(SUBJECT))
            .count()
    };
    assert_eq!((about("ada@example.com"), about("nobody@example.com")), (3, 0));
}

async fn a_link_that_is_old_replaced_or_forged_opens_nothing(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    let verification = token(&letter(&vitrine, &owner.email, "Confirm your email address", 1).await);
    forget(&vitrine, &owner.email).await;
    let first = token(&letter(&vitrine, &owner.email, SUBJECT, 1).await);
    forget(&vitrine, &owner.email).await;
    let second = token(&letter(&vitrine, &owner.email, SUBJECT, 2).await);
    let reset = async |token: &str| {
        let body = json!({"token": token, "password": NEW});
        vitrine.post("/v1/auth/password/reset", &body).await.problem(400)
    };

    assert_eq!(reset(&first).await, "expired_link");
    let changed = format!("{}x", &second[..second.len() - 1]);
    for forged in [
        changed.as_str(),
        &verification,
        "",
        "vt_pr_",
        "x\u{0}y",
        &"x".repeat(10_000),
    ] {
        assert_eq!(reset(forged).await, "invalid_link", "{forged}");
    }
    let as_verification = vitrine
        .post("/v1/auth/email/verify", &json!({"token": second}))
        .await;
    assert_eq!(as_verification.problem(400), "invalid_link");
    vitrine.advance(Duration::from_mins(61)).await;
    assert_eq!(reset(&second).await, "expired_link");
    login(&vitrine, &owner.email, PASSWORD).await.expect(200);
}

async fn of_several_at_once_one_uses_the_link(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    forget(&vitrine, &owner.email).await;
    let token = token(&letter(&vitrine, &owner.email, SUBJECT, 1).await);
    let passwords: Vec<String> = (0..4)
        .map(|number| format!("pass phrase number {number}"))
        .collect();

    let answers = futures::future::join_all(passwords.iter().map(async |password| {
        let body = json!({"token": token, "password": password});
        vitrine.post("/v1/auth/password/reset", &body).await.status
    }))
    .await;

    let winners: Vec<_> = (0..4).filter(|number| answers[*number] == 204).collect();
    assert_eq!(winners.len(), 1, "{answers:?}");
    for (number, password) in passwords.iter().enumerate() {
        let wanted = if winners[0] == number { 200 } else { 401 };
        assert_eq!(login(&vitrine, &owner.email, password).await.status, wanted);
    }
}
