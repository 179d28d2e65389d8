//! Whoever calls: strangers with good credentials of their own, and bearers of bad ones.

use super::scene::Tenant;
use crate::{
    support::{Installation, Owner, SCOPES},
    tenants::teams::joined,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use std::{sync::Mutex, time::Duration};

/// A credential, and how it is refused where it is no good.
pub(super) struct Credential {
    pub(super) name: String,
    pub(super) refused_as: &'static [&'static str],
    kind: Kind,
}

pub(super) enum Kind {
    Nothing,
    Bearer(String),
    /// Somebody who signs in again whenever the last call ended the sign-in.
    Person {
        email: String,
        token: Mutex<String>,
    },
    Key(String),
}

impl Credential {
    fn good(name: &str, kind: Kind) -> Self {
        Self {
            name: name.to_owned(),
            refused_as: &[],
            kind,
        }
    }

    pub(super) fn bad(name: &str, refused_as: &'static [&'static str], kind: Kind) -> Self {
        Self {
            name: name.to_owned(),
            refused_as,
            kind,
        }
    }

    /// The request with this credential.
    pub(super) async fn shown(&self, vitrine: &Installation, request: RequestBuilder) -> RequestBuilder {
        match &self.kind {
            Kind::Nothing => request,
            Kind::Bearer(token) => request.bearer_auth(token),
            Kind::Key(key) => request.header("X-Api-Key", key),
            Kind::Person { email, token } => {
                let held = token.lock().unwrap().clone();
                let me = vitrine
                    .http
                    .get(format!("{}/v1/me", vitrine.address))
                    .bearer_auth(&held);
                if me.send().await.unwrap().status() == 200 {
                    return request.bearer_auth(held);
                }
                let fresh = Owner::signs_in(vitrine, email).await.access_token;
                *token.lock().unwrap() = fresh.clone();
                request.bearer_auth(fresh)
            }
        }
    }
}

/// Somebody else's credentials, of every kind.
pub(super) async fn stranger(vitrine: &Installation) -> Vec<Credential> {
    all_of(&vitrine.owner("stranger").await).await
}

/// A tenant's credentials, of every kind, and none.
pub(super) async fn all_of(owner: &Owner<'_>) -> Vec<Credential> {
    let secret = owner.makes_key("secret", &SCOPES).await;
    let publishable = owner.makes_key("publishable", &[]).await;
    let person = |owner: &Owner<'_>| Kind::Person {
        email: owner.email.clone(),
        token: Mutex::new(owner.access_token.clone()),
    };
    let (admin, viewer) = (
        joined(owner, "foreign-admin", "admin").await,
        joined(owner, "foreign-viewer", "viewer").await,
    );
    vec![
        Credential::good("another owner", person(owner)),
        Credential::good("another's admin", person(&admin)),
        Credential::good("another's viewer", person(&viewer)),
        Credential::good("another's secret key", Kind::Key(secret)),
        Credential::good("another's publishable key", Kind::Key(publishable)),
        Credential::good("nobody", Kind::Nothing),
    ]
}

/// Keys that open all that keys can, in both places where they are shown.
pub(super) async fn keys_of(owner: &Owner<'_>) -> Vec<Credential> {
    let secret = owner.makes_key("secret", &SCOPES).await;
    let publishable = owner.makes_key("publishable", &[]).await;
    vec![
        Credential::good("a secret key", Kind::Key(secret.clone())),
        Credential::good("a secret key as bearer", Kind::Bearer(secret)),
        Credential::good("a publishable key", Kind::Key(publishable.clone())),
        Credential::good("a publishable key as bearer", Kind::Bearer(publishable)),
    ]
}

/// Credentials that were good, or never were.
pub(super) async fn bad_ones(vitrine: &Installation, victim: &Tenant<'_>) -> Vec<Credential> {
    let expired = Owner::signs_in(vitrine, &victim.owner.email).await.access_token;
    let dying =
        json!({"name": "dying", "kind": "secret", "scopes": SCOPES, "expires_at": in_an_hour(vitrine)});
    let dying = victim.owner.post("/v1/api-keys", &dying).await.expect(201)["key"].clone();
    let revoked = json!({"name": "revoked", "kind": "secret", "scopes": SCOPES});
    let revoked = victim.owner.post("/v1/api-keys", &revoked).await.expect(201);
    let path = format!("/v1/api-keys/{}", revoked["id"].as_str().unwrap());
    victim.owner.delete(&path).await.expect(204);
    let rotated = victim.owner.makes_key("secret", &SCOPES).await;
    rotate(&victim.owner, &rotated).await;
    vitrine.advance(Duration::from_hours(2)).await;
    let good = Owner::signs_in(vitrine, &victim.owner.email).await.access_token;
    let signed_out = signed_out(vitrine, &victim.owner.email).await;
    let key = |text: &Value| Kind::Key(text.as_str().unwrap().to_owned());
    let token = &["invalid_token"][..];
    vec![
        Credential::bad("nothing", &["unauthenticated"], Kind::Nothing),
        Credential::bad("an expired token", &["expired_token"], Kind::Bearer(expired)),
        Credential::bad(
            "the token of an ended sign-in",
            &["session_revoked"],
            Kind::Bearer(signed_out),
        ),
        Credential::bad(
            "a token without a signature",
            token,
            Kind::Bearer(unsigned(&good)),
        ),
        Credential::bad(
            "a token of another algorithm",
            token,
            Kind::Bearer(with_header(&good, "alg", "HS512")),
        ),
        Credential::bad(
            "a token of another key",
            token,
            Kind::Bearer(with_header(&good, "kid", "0123456789ab")),
        ),
        Credential::bad(
            "a token of another type",
            token,
            Kind::Bearer(with_header(&good, "typ", "JWT")),
        ),
        Credential::bad(
            "a token of another audience",
            token,
            Kind::Bearer(with_claim(&good, "aud", "others")),
        ),
        Credential::bad(
            "a token of another tenant",
            token,
            Kind::Bearer(with_claim(&good, "tid", &victim.nobodys()["tenant_id"])),
        ),
        Credential::bad(
            "a truncated token",
            token,
            Kind::Bearer(good[..good.len() - 3].to_owned()),
        ),
        Credential::bad("an expired key", &["key_expired"], key(&dying)),
        Credential::bad(
            "a rotated key after its overlap",
            &["key_rotated"],
            Kind::Key(rotated),
        ),
        Credential::bad("a revoked key", &["key_revoked"], key(&revoked["key"])),
        Credential::bad(
            "a mistyped key",
            &["invalid_key"],
            Kind::Key("vt_sk_nonsense".to_owned()),
        ),
    ]
}

/// Replaces a key, which works on for an hour.
async fn rotate(owner: &Owner<'_>, key: &str) {
    let itself = owner.installation.program(Some(key)).get("/v1/keys/self").await;
    let path = format!(
        "/v1/api-keys/{}/rotate",
        itself.expect(200)["id"].as_str().unwrap()
    );
    owner
        .post(&path, &json!({"overlap_seconds": 3_600}))
        .await
        .expect(201);
}

fn in_an_hour(vitrine: &Installation) -> String {
    (crate::support::now_of(vitrine) + chrono::TimeDelta::hours(1)).to_rfc3339()
}

async fn signed_out(vitrine: &Installation, email: &str) -> String {
    let owner = Owner::signs_in(vitrine, email).await;
    let body = json!({"refresh_token": owner.refresh_token});
    vitrine.post("/v1/auth/logout", &body).await.expect(204);
    owner.access_token
}

fn parts(token: &str) -> (Value, Value, String) {
    let mut parts = token.split('.');
    let mut read = || {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(parts.next().unwrap()).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    };
    let (header, claims) = (read(), read());
    (header, claims, parts.next().unwrap().to_owned())
}

fn written(header: &Value, claims: &Value, signature: &str) -> String {
    let text = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{signature}", text(header), text(claims))
}

fn unsigned(token: &str) -> String {
    let (mut header, claims, _) = parts(token);
    header["alg"] = json!("none");
    written(&header, &claims, "")
}

fn with_header(token: &str, name: &str, value: &str) -> String {
    let (mut header, claims, signature) = parts(token);
    header[name] = json!(value);
    written(&header, &claims, &signature)
}

fn with_claim(token: &str, name: &str, value: &str) -> String {
    let (header, mut claims, signature) = parts(token);
    claims[name] = json!(value);
    written(&header, &claims, &signature)
}
