//! The pages that letters lead to, in a real browser that is used by keys alone.

use super::{
    letters::{letter, letters},
    login,
};
use crate::support::{Browser, Engines, Installation, PASSWORD, on_both_pairs};
use serde_json::json;
use std::time::Duration;
use vitrine_test_support::wait_until;

on_both_pairs!(
    a_password_is_reset_by_the_link_of_the_letter,
    an_address_is_confirmed_by_the_link_of_the_letter,
    an_invitation_is_accepted_by_the_link_of_the_letter,
);

const NEW: &str = "a brand new pass phrase";

/// The whole link of a letter.
fn link(letter: &str) -> String {
    let (before, after) = letter.split_once("#token=").unwrap();
    let begin = before.rfind("http://").unwrap();
    let end = after
        .find(|sign: char| !(sign.is_ascii_alphanumeric() || matches!(sign, '_' | '-')))
        .unwrap();
    format!("{}#token={}", &before[begin..], &after[..end])
}

async fn invitation(vitrine: &Installation, to: &str) -> String {
    let mut found = None;
    let came = wait_until(Duration::from_secs(20), async || {
        let all = letters(vitrine, to);
        found = all.into_iter().find(|text| text.contains("/accept-invitation#"));
        found.is_some()
    });
    assert!(came.await.is_ok(), "{}", vitrine.log());
    link(&found.unwrap())
}

/// The script has run, and the token is in the address no more.
async fn has_forgotten_the_token(browser: &mut Browser, page: &str) {
    assert_eq!(browser.reads("location.pathname").await, page);
    assert_eq!(browser.reads("location.hash").await, "");
}

async fn a_password_is_reset_by_the_link_of_the_letter(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    let forgotten = json!({"email": owner.email});
    vitrine
        .post("/v1/auth/password/forgot", &forgotten)
        .await
        .expect(202);
    let link = link(&letter(&vitrine, &owner.email, "Choose a new password", 1).await);
    let mut browser = Browser::open().await;

    browser.goes_to(&link).await;
    has_forgotten_the_token(&mut browser, "/reset-password").await;
    browser.tabs_to("#password").await;
    browser.types("password1").await;
    browser.presses_enter().await;
    browser.hears("Some fields are not valid").await;
    browser
        .waits_for(
            "document.activeElement.id === 'password' && document.activeElement.ariaInvalid === 'true'",
        )
        .await;
    let said = browser
        .reads("document.getElementById('password-error').textContent")
        .await;
    assert!(said.as_str().unwrap().contains("easy to guess"), "{said}");
    login(&vitrine, &owner.email, PASSWORD).await.expect(200);
    browser.types(NEW).await;
    browser.presses_enter().await;
    browser.hears("The new password is set").await;

    login(&vitrine, &owner.email, NEW).await.expect(200);
    assert_eq!(
        login(&vitrine, &owner.email, PASSWORD).await.problem(401),
        "invalid_credentials"
    );
    browser.goes_to(&link).await;
    browser.tabs_to("#password").await;
    browser.types("yet another pass phrase").await;
    browser.presses_enter().await;
    browser.hears("used").await;
    browser
        .goes_to(&format!("{}/reset-password", vitrine.address))
        .await;
    browser.hears("the link in the email").await;
    assert_eq!(browser.reads("document.querySelector('form').hidden").await, true);
}

async fn an_address_is_confirmed_by_the_link_of_the_letter(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    let link = link(&letter(&vitrine, &owner.email, "Confirm your email address", 1).await);
    let mut browser = Browser::open().await;

    browser.goes_to(&link).await;
    has_forgotten_the_token(&mut browser, "/verify-email").await;
    let me = owner.get("/v1/me").await.expect(200);
    assert_eq!(me["email_verified"], false, "opening the page confirms nothing");
    browser.tabs_to("button").await;
    browser.presses_enter().await;
    browser.hears("confirmed").await;

    assert_eq!(owner.get("/v1/me").await.expect(200)["email_verified"], true);
}

async fn an_invitation_is_accepted_by_the_link_of_the_letter(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    owner.confirms_address().await;
    let invited = json!({"email": "grace@example.com", "role": "viewer"});
    owner.post("/v1/invitations", &invited).await.expect(201);
    let link = invitation(&vitrine, "grace@example.com").await;
    let mut browser = Browser::open().await;

    browser.goes_to(&link).await;
    has_forgotten_the_token(&mut browser, "/accept-invitation").await;
    browser.tabs_to("#password").await;
    browser.types(NEW).await;
    browser.presses_enter().await;
    browser.waits_for("document.activeElement.id === 'name'").await;
    browser.types("Grace").await;
    browser.presses_enter().await;
    browser.hears("You have joined").await;

    let grace = login(&vitrine, "grace@example.com", NEW).await.expect(200);
    assert_eq!(grace["role"], "viewer");
    let members = owner.get("/v1/members").await.expect(200);
    assert_eq!(members["data"].as_array().unwrap().len(), 2);
    // The page keeps no sign-in open: there is only the one from here.
    let sessions = vitrine
        .http
        .get(format!("{}/v1/me/sessions", vitrine.address))
        .bearer_auth(grace["access_token"].as_str().unwrap());
    let sessions = crate::support::Answer::of(sessions.send().await.unwrap()).await;
    assert_eq!(sessions.expect(200)["data"].as_array().unwrap().len(), 1);
}
