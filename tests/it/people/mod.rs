//! People: their passwords, addresses, sign-ins and second factors.

mod cookie;
mod email;
mod letters;
mod pages;
mod passwords;
mod recovery;
mod registration;
mod second_factor;
mod sessions;
mod takeover;
mod throttle;

pub(crate) use second_factor::{enable, login_with_code};
pub(crate) use takeover::{NEW, reset};

use crate::support::{Answer, Installation, Owner, PASSWORD};
use reqwest::Method;
use serde_json::{Value, json};

/// Posts as a stranger.
async fn post(vitrine: &Installation, path: &str, body: &Value) -> Answer {
    let request = vitrine.http.post(format!("{}{path}", vitrine.address)).json(body);
    Answer::of(request.send().await.unwrap()).await
}

async fn login(vitrine: &Installation, email: &str, password: &str) -> Answer {
    post(
        vitrine,
        "/v1/auth/login",
        &json!({"email": email, "password": password}),
    )
    .await
}

/// Signs the same person in once more, as from another browser.
async fn another_sign_in<'i>(owner: &Owner<'i>) -> Owner<'i> {
    let answer = login(owner.installation, &owner.email, PASSWORD)
        .await
        .expect(200);
    let text = |name: &str| answer[name].as_str().unwrap().to_owned();
    Owner {
        installation: owner.installation,
        email: owner.email.clone(),
        access_token: text("access_token"),
        refresh_token: text("refresh_token"),
    }
}

async fn put(owner: &Owner<'_>, path: &str, body: &Value) -> Answer {
    Answer::of(owner.request(Method::PUT, path).json(body).send().await.unwrap()).await
}
