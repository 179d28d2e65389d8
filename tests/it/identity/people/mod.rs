//! People: their passwords, addresses, sign-ins and second factors.

mod cookie;
mod email;
mod ended_meanwhile;
mod leaving;
mod pages;
mod passwords;
mod registration;
mod second_factor;
mod sessions;
mod takeover;
mod throttle;

pub(crate) use second_factor::{authenticator, enable, login_with_code};
pub(crate) use takeover::{NEW, reset};

use crate::support::{Answer, Installation, Owner, letters};
use reqwest::Method;
use serde_json::{Value, json};

async fn login(vitrine: &Installation, email: &str, password: &str) -> Answer {
    let body = json!({"email": email, "password": password});
    vitrine.post("/v1/auth/login", &body).await
}

/// Signs the same person in once more, as from another browser.
async fn another_sign_in<'i>(owner: &Owner<'i>) -> Owner<'i> {
    Owner::signs_in(owner.installation, &owner.email).await
}

async fn put(owner: &Owner<'_>, path: &str, body: &Value) -> Answer {
    Answer::of(owner.request(Method::PUT, path).json(body).send().await.unwrap()).await
}
