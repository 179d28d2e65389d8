//! Sign-ins, letters, second factors, invitations.

use super::Secrets;
use crate::{
    identity::people::{NEW, authenticator, enable, login_with_code, reset},
    support::{
        Answer, Installation, Owner, PASSWORD,
        letters::{letter, letters, token, token_behind},
    },
    tenants::teams::joined,
};
use reqwest::Method;
use serde_json::{Value, json};

const WRONG_PASSWORD: &str = "incorrect horse battery 91";
const OTHER_PASSWORD: &str = "changed horse battery 17";

/// Registration, sign-in, a wrong password, rotation of a session, a replayed token.
pub(super) async fn sessions<'i>(vitrine: &'i Installation, secrets: &mut Secrets) -> Owner<'i> {
    secrets.add("password", PASSWORD);
    secrets.add("wrong password", WRONG_PASSWORD);
    let mut owner = vitrine.owner("ada").await;
    secrets.add("access token", &owner.access_token);
    secrets.add("refresh token", &owner.refresh_token);
    let post = async |path: &str, body: Value| {
        let request = vitrine.program(None).request(Method::POST, path).json(&body);
        Answer::of(request.send().await.unwrap()).await
    };
    let wrong = json!({"email": "ada@example.com", "password": WRONG_PASSWORD});
    post("/v1/auth/login", wrong).await.problem(401);
    let refreshed = post("/v1/auth/refresh", json!({"refresh_token": owner.refresh_token}))
        .await
        .expect(200);
    secrets.of_answer(&refreshed);
    let next = post(
        "/v1/auth/refresh",
        json!({"refresh_token": refreshed["refresh_token"]}),
    )
    .await
    .expect(200);
    secrets.of_answer(&next);
    post("/v1/auth/refresh", json!({"refresh_token": owner.refresh_token}))
        .await
        .problem(401);
    post(
        "/v1/auth/refresh",
        json!({"refresh_token": "vt_rt_nonsense-that-was-made-up"}),
    )
    .await
    .problem(401);
    secrets.add("made-up refresh token", "vt_rt_nonsense-that-was-made-up");
    owner.signs_in_again().await;
    secrets.add("access token", &owner.access_token);
    secrets.add("refresh token", &owner.refresh_token);
    owner
}

/// Everybody whose letters are looked through.
const PEOPLE: [&str; 4] = [
    "ada@example.com",
    "grace@example.com",
    "grace@new.example",
    "hedy@example.com",
];

/// An address is confirmed and changed, a second factor is switched on and used, a password is changed and forgotten.
pub(super) async fn letters_and_codes(vitrine: &Installation, secrets: &mut Secrets) {
    let mut grace = vitrine.owner("grace").await;
    note(&grace, secrets);
    grace.confirms_address().await;
    let (secret, codes) = enable(&grace).await;
    secrets.of_answer(&json!({"secret": secret, "recovery_codes": codes}));
    secrets.add("secret's bytes", authenticator::bytes(&secret));
    authenticator::next(vitrine).await;
    let code = authenticator::code(vitrine, &secret);
    let signed_in = login_with_code(vitrine, &grace.email, PASSWORD, &code)
        .await
        .expect(200);
    secrets.of_answer(&signed_in);
    grace.access_token = signed_in["access_token"].as_str().unwrap().to_owned();
    let renewed = json!({"current_password": PASSWORD, "code": codes[0]});
    let renewed = grace
        .post("/v1/me/second-factor/recovery-codes", &renewed)
        .await
        .expect(200);
    secrets.of_answer(&renewed);

    let fresh = |place: usize| renewed["recovery_codes"][place].as_str().unwrap();
    moves(vitrine, &grace, fresh(1)).await;
    let change = json!({"current_password": PASSWORD, "new_password": OTHER_PASSWORD, "code": fresh(2)});
    let change = grace
        .request(Method::PUT, "/v1/me/password")
        .json(&change)
        .send()
        .await;
    Answer::of(change.unwrap()).await.expect(204);
    secrets.add("changed password", OTHER_PASSWORD);
    reset(vitrine, "grace@new.example", 1).await;
    secrets.add("password by a letter", NEW);
    dashboard(
        vitrine,
        &json!({"email": "grace@new.example", "password": NEW, "code": fresh(0)}),
        secrets,
    )
    .await;
}

fn note(owner: &Owner<'_>, secrets: &mut Secrets) {
    secrets.add("access token", &owner.access_token);
    secrets.add("refresh token", &owner.refresh_token);
}

/// The person's address becomes another one.
async fn moves(vitrine: &Installation, grace: &Owner<'_>, code: &str) {
    let wanted = json!({"email": "grace@new.example", "current_password": PASSWORD, "code": code});
    grace.patch("/v1/me", &wanted).await.expect(200);
    let letter = letter(vitrine, "grace@new.example", "Confirm your email address", 1).await;
    let link = json!({"token": token(&letter)});
    vitrine.post("/v1/auth/email/verify", &link).await.expect(204);
}

/// Signs in, goes on and signs out as the dashboard does, whose token is in a cookie.
async fn dashboard(vitrine: &Installation, credentials: &Value, secrets: &mut Secrets) {
    let mut cookie = String::new();
    for (path, body, status) in [
        ("/v1/auth/login", credentials, 200),
        ("/v1/auth/refresh", &json!({}), 200),
        ("/v1/auth/logout", &json!({}), 204),
    ] {
        let request = vitrine.program(None).request(Method::POST, path).json(body);
        let request = request
            .header("X-Vitrine-Client", "dashboard")
            .header("Cookie", &cookie);
        let answer = Answer::of(request.send().await.unwrap()).await;
        secrets.of_answer(&answer.expect(status));
        cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
        let (_, value) = cookie.split_once('=').unwrap();
        if status == 200 {
            secrets.add("cookie", value);
        }
    }
}

/// Somebody is invited and joins.
pub(super) async fn invitation(owner: &Owner<'_>, secrets: &mut Secrets) {
    note(&joined(owner, "hedy", "viewer").await, secrets);
}

/// The tokens of all links that letters brought.
pub(super) fn links(vitrine: &Installation, secrets: &mut Secrets) {
    for letter in PEOPLE.iter().flat_map(|to| letters(vitrine, to)) {
        if let Some(token) = token_behind(&letter, "#token=") {
            secrets.add("link", token);
        }
    }
}
