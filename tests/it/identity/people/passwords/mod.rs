//! Choosing and changing passwords.

mod at_once;
mod laborious;
mod recovery;

use super::{another_sign_in, letters::letter, login, put};
use crate::support::{Engines, Installation, PASSWORD, Plan, on_both_pairs};
use serde_json::json;

on_both_pairs!(
    changing_the_password_ends_the_other_sign_ins,
    passwords_that_are_tried_first_or_far_too_long_are_refused,
    a_current_password_that_nobody_can_have_is_refused_wherever_it_stands,
    one_mailbox_has_one_account,
    nobody_registers_where_registration_is_closed,
);

const NEW: &str = "a brand new pass phrase";

async fn changing_the_password_ends_the_other_sign_ins(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    let other = another_sign_in(&owner).await;
    let change = async |current: &str, new: &str| {
        put(
            &owner,
            "/v1/me/password",
            &json!({"current_password": current, "new_password": new}),
        )
        .await
    };

    let wrong = change("not my password", NEW).await;
    assert_eq!(wrong.problem(422), "validation_failed");
    assert_eq!(wrong.json()["errors"][0]["field"], "current_password");
    let weak = change(PASSWORD, "ada@example.com").await;
    assert_eq!(weak.json()["errors"][0]["field"], "new_password");
    other.get("/v1/me").await.expect(200);
    change(PASSWORD, NEW).await.expect(204);

    owner.get("/v1/me").await.expect(200);
    assert_eq!(other.get("/v1/me").await.problem(401), "session_revoked");
    assert_eq!(
        login(&vitrine, &owner.email, PASSWORD).await.problem(401),
        "invalid_credentials"
    );
    login(&vitrine, &owner.email, NEW).await.expect(200);
    letter(&vitrine, &owner.email, "Your password was changed", 1).await;
}

async fn a_current_password_that_nobody_can_have_is_refused_wherever_it_stands(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    let long = "x".repeat(257);

    let unneeded = json!({"name": "Ada", "current_password": long});
    let change = json!({"current_password": long, "new_password": NEW});
    let proof = json!({"current_password": long});
    for answer in [
        owner.patch("/v1/me", &unneeded).await,
        put(&owner, "/v1/me/password", &change).await,
        owner.post("/v1/me/second-factor", &proof).await,
    ] {
        assert_eq!(answer.problem(422), "validation_failed");
        let error = &answer.json()["errors"][0];
        assert_eq!(
            (&error["field"], &error["code"]),
            (&json!("current_password"), &json!("too_long"))
        );
    }
}

async fn passwords_that_are_tried_first_or_far_too_long_are_refused(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let register = async |password: &str| {
        let body = json!({"email": "ada@example.com", "password": password, "name": "Ada Lovelace", "site_name": "Corner shop"});
        vitrine.post("/v1/auth/register", &body).await
    };

    let refused = [
        ("short77", "too_short"),
        ("password123", "too_common"),
        ("lovelace", "too_common"),
        ("cornershop", "too_common"),
        (&"x".repeat(257), "too_long"),
        (&"x".repeat(60_000), "too_long"),
    ];
    for (password, code) in refused {
        let answer = register(password).await;
        assert_eq!(answer.problem(422), "validation_failed");
        assert_eq!(answer.json()["errors"][0]["code"], code, "{code}");
    }
    assert_eq!(
        register(&"x".repeat(1024 * 1024)).await.problem(413),
        "payload_too_large"
    );
    assert_eq!(
        login(&vitrine, "ada@example.com", &"x".repeat(60_000))
            .await
            .problem(401),
        "invalid_credentials"
    );
    register("gru\u{308}n, gru\u{308}n, gru\u{308}n")
        .await
        .expect(201);
    login(&vitrine, "ada@example.com", "gr\u{fc}n, gr\u{fc}n, gr\u{fc}n")
        .await
        .expect(200);
}

async fn one_mailbox_has_one_account(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let register = async |email: &str| {
        let body = json!({"email": email, "password": PASSWORD, "name": "x", "site_name": "y"});
        vitrine.post("/v1/auth/register", &body).await
    };
    register("ada@bücher.example").await.expect(201);

    for same in ["ADA@BÜCHER.example", " ada@xn--bcher-kva.example "] {
        assert_eq!(register(same).await.problem(409), "email_taken", "{same}");
        login(&vitrine, same, PASSWORD).await.expect(200);
    }
    for look_alike in [
        "\u{430}da@bücher.example",
        "ａda@bücher.example",
        "ada\u{0}@bücher.example",
    ] {
        let refused = register(look_alike).await;
        assert_eq!(refused.problem(422), "validation_failed", "{look_alike}");
        assert_eq!(refused.json()["errors"][0]["code"], "invalid_email");
        assert_eq!(
            login(&vitrine, look_alike, PASSWORD).await.problem(401),
            "invalid_credentials"
        );
    }
}

async fn nobody_registers_where_registration_is_closed(engines: Engines) {
    let vitrine = Installation::start_as(Plan::on(engines).with("VITRINE_SIGNUP__ENABLED", "false")).await;

    let body = json!({"email": "ada@example.com", "password": PASSWORD, "name": "x", "site_name": "y"});

    assert_eq!(
        vitrine.post("/v1/auth/register", &body).await.problem(403),
        "signup_closed"
    );
}
