//! Second factors.

mod at_once;
pub(crate) mod authenticator;

use super::{another_sign_in, letters::letter, login, put};
use crate::support::{Answer, Engines, Installation, Owner, PASSWORD, on_both_pairs};
use authenticator::{code, next};
use serde_json::{Value, json};
use std::time::Duration;

on_both_pairs!(
    signing_in_needs_a_code_that_works_once,
    a_recovery_code_works_once,
    only_the_person_switches_it,
    guessed_codes_are_told_and_bounded,
    password_and_address_are_changed_with_a_code,
);

pub(super) const PATH: &str = "/v1/me/second-factor";

pub(crate) async fn enable(owner: &Owner<'_>) -> (String, Vec<String>) {
    let begun = owner
        .post(PATH, &json!({"current_password": PASSWORD}))
        .await
        .expect(201);
    let secret = begun["secret"].as_str().unwrap().to_owned();
    let address = begun["otpauth_url"].as_str().unwrap();
    assert!(
        address.starts_with("otpauth://totp/") && address.contains(&secret),
        "{address}"
    );
    let enabled = owner
        .post(
            &format!("{PATH}/enable"),
            &json!({"code": code(owner.installation, &secret)}),
        )
        .await
        .expect(200);
    let codes = enabled["recovery_codes"].as_array().unwrap();
    (
        secret,
        codes
            .iter()
            .map(|code| code.as_str().unwrap().to_owned())
            .collect(),
    )
}

pub(crate) async fn login_with_code(
    vitrine: &Installation,
    email: &str,
    password: &str,
    code: &str,
) -> Answer {
    let body = json!({"email": email, "password": password, "code": code});
    vitrine.post("/v1/auth/login", &body).await
}

async fn login_with(vitrine: &Installation, code: &str) -> Answer {
    login_with_code(vitrine, "ada@example.com", PASSWORD, code).await
}

async fn signing_in_needs_a_code_that_works_once(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    let other = another_sign_in(&owner).await;

    let (secret, codes) = enable(&owner).await;

    assert_eq!(codes.len(), 10);
    owner.get("/v1/me").await.expect(200);
    assert_eq!(other.get("/v1/me").await.problem(401), "session_revoked");
    letter(&vitrine, &owner.email, "Logging in now needs a code", 1).await;
    assert_eq!(
        login(&vitrine, &owner.email, PASSWORD).await.problem(401),
        "second_factor_required"
    );
    assert_eq!(
        login(&vitrine, &owner.email, "wrong password").await.problem(401),
        "invalid_credentials"
    );
    let used = code(&vitrine, &secret);
    assert_eq!(
        login_with(&vitrine, &used).await.problem(401),
        "invalid_code",
        "it enabled the factor"
    );
    for wrong in ["000000", "", "x\u{0}", &"9".repeat(60)] {
        assert_eq!(login_with(&vitrine, wrong).await.problem(401), "invalid_code");
    }
    next(&vitrine).await;
    let fresh = code(&vitrine, &secret);
    let answers = futures::future::join_all((0..3).map(|_| login_with(&vitrine, &fresh))).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401, 401]);
    assert_eq!(
        login_with(&vitrine, &used).await.problem(401),
        "invalid_code",
        "an older one"
    );
}

async fn a_recovery_code_works_once(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    let (secret, codes) = enable(&owner).await;
    login_with(&vitrine, &codes[0].to_uppercase()).await.expect(200);

    assert_eq!(login_with(&vitrine, &codes[0]).await.problem(401), "invalid_code");
    assert_eq!(owner.get(PATH).await.expect(200)["recovery_codes_left"], 9);
    let notice = letter(&vitrine, &owner.email, "A recovery code was used", 1).await;
    assert!(notice.contains("codes left: 9"), "{notice}");
    next(&vitrine).await;
    let proof = json!({"current_password": PASSWORD, "code": code(&vitrine, &secret)});
    let renewed = owner
        .post(&format!("{PATH}/recovery-codes"), &proof)
        .await
        .expect(200);
    assert_eq!(login_with(&vitrine, &codes[1]).await.problem(401), "invalid_code");
    login_with(&vitrine, renewed["recovery_codes"][0].as_str().unwrap())
        .await
        .expect(200);
}

async fn only_the_person_switches_it(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    let refuse = |answer: Answer, status: u16, word: &str| assert_eq!(answer.problem(status), word);
    refuse(
        owner
            .post(PATH, &json!({"current_password": "wrong password"}))
            .await,
        422,
        "validation_failed",
    );
    refuse(
        owner
            .post(&format!("{PATH}/enable"), &json!({"code": "123456"}))
            .await,
        409,
        "second_factor_off",
    );
    let (secret, codes) = enable(&owner).await;
    refuse(
        owner.post(PATH, &json!({"current_password": PASSWORD})).await,
        409,
        "second_factor_on",
    );
    refuse(
        owner
            .post(&format!("{PATH}/enable"), &json!({"code": "123456"}))
            .await,
        409,
        "second_factor_on",
    );
    let disable = async |password: &str, code: &str| -> Answer {
        let proof: Value = json!({"current_password": password, "code": code});
        owner.post(&format!("{PATH}/disable"), &proof).await
    };
    refuse(
        disable("wrong password", &codes[0]).await,
        422,
        "validation_failed",
    );
    refuse(disable(PASSWORD, "000000").await, 401, "invalid_code");
    assert_eq!(owner.get(PATH).await.expect(200)["enabled"], true);

    next(&vitrine).await;
    disable(PASSWORD, &code(&vitrine, &secret)).await.expect(204);

    let stands = owner.get(PATH).await.expect(200);
    assert_eq!(
        (
            stands["enabled"].as_bool(),
            stands["recovery_codes_left"].as_u64()
        ),
        (Some(false), Some(0))
    );
    login(&vitrine, &owner.email, PASSWORD).await.expect(200);
    refuse(disable(PASSWORD, &codes[1]).await, 409, "second_factor_off");
    letter(&vitrine, &owner.email, "Logging in no longer needs a code", 1).await;
}

async fn password_and_address_are_changed_with_a_code(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    let (_, codes) = enable(&owner).await;
    let changes = async |with: Value| {
        let mut body = json!({"current_password": PASSWORD, "new_password": "a brand new pass phrase"});
        body.as_object_mut()
            .unwrap()
            .extend(with.as_object().unwrap().clone());
        put(&owner, "/v1/me/password", &body).await
    };
    let moves = async |with: Value| {
        let mut body = json!({"current_password": PASSWORD, "email": "ada@new.example"});
        body.as_object_mut()
            .unwrap()
            .extend(with.as_object().unwrap().clone());
        owner.patch("/v1/me", &body).await
    };

    for without in [changes(json!({})).await, moves(json!({})).await] {
        assert_eq!(without.problem(401), "second_factor_required");
    }
    for wrong in [json!({"code": "000000"}), json!({"code": "aaaa-aaaa-aaaa-aaaa"})] {
        assert_eq!(changes(wrong.clone()).await.problem(401), "invalid_code");
        assert_eq!(moves(wrong).await.problem(401), "invalid_code");
    }
    let weak = changes(json!({"code": codes[0], "new_password": "password123"})).await;
    assert_eq!(weak.problem(422), "validation_failed");
    assert_eq!(owner.get(PATH).await.expect(200)["recovery_codes_left"], 10);
    let me = owner.get("/v1/me").await.expect(200);
    assert_eq!(me["pending_email"], Value::Null);

    let moved = moves(json!({"code": codes[0]})).await.expect(200);
    assert_eq!(moved["pending_email"], "ada@new.example");
    assert_eq!(
        changes(json!({"code": codes[0]})).await.problem(401),
        "invalid_code"
    );
    changes(json!({"code": codes[1]})).await.expect(204);
    assert_eq!(owner.get(PATH).await.expect(200)["recovery_codes_left"], 8);
}

/// Lets the time go by in which failures are counted together.
async fn quarter_of_an_hour(vitrine: &Installation) {
    vitrine.advance(Duration::from_mins(15)).await;
}

async fn guess(vitrine: &Installation, times: usize) {
    for _ in 0..times {
        assert_eq!(login_with(vitrine, "000000").await.problem(401), "invalid_code");
    }
}

async fn guessed_codes_are_told_and_bounded(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    // Whatever the clock of this machine shows, the test stays within one day.
    vitrine.at_noon().await;
    let owner = vitrine.owner("ada").await;
    let (secret, codes) = enable(&owner).await;
    guess(&vitrine, 15).await;
    next(&vitrine).await;
    login_with(&vitrine, &code(&vitrine, &secret)).await.expect(200);
    for times in [15, 5] {
        quarter_of_an_hour(&vitrine).await;
        guess(&vitrine, times).await;
    }

    letter(
        &vitrine,
        &owner.email,
        "Someone is trying codes for your account",
        1,
    )
    .await;
    guess(&vitrine, 10).await;
    quarter_of_an_hour(&vitrine).await;
    let late = login_with(&vitrine, &code(&vitrine, &secret)).await;
    assert_eq!(late.problem(429), "too_many_tries");
    let seconds: u64 = late.header("retry-after").parse().unwrap();
    assert!(seconds > 3_600, "{seconds}");
    login_with(&vitrine, &codes[0]).await.expect(200);

    next(&vitrine).await;
    login_with(&vitrine, &code(&vitrine, &secret)).await.expect(200);
}
