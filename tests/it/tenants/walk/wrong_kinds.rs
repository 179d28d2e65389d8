//! Secrets that open something, but are no credentials of the API, shown as if they were.

use super::{
    credentials::{Credential, Kind},
    scene::Tenant,
};
use crate::support::{
    Installation, Owner, PASSWORD,
    letters::{letter, token},
};
use serde_json::json;

/// What Meta shows when it asks for the webhook.
pub(super) const VERIFY_TOKEN: &str = "verify-me-5ef0a1";

/// Each as a bearer and as a key.
pub(super) async fn wrong_kinds(vitrine: &Installation, victim: &Tenant<'_>) -> Vec<Credential> {
    let owner = Owner::signs_in(vitrine, &victim.owner.email).await;
    let mut kinds = vec![
        ("a refresh token", owner.refresh_token.clone()),
        ("a webhook's token", VERIFY_TOKEN.to_owned()),
        (
            "the app's secret",
            vitrine.simulator.settings().client_secret.clone(),
        ),
        ("the password", PASSWORD.to_owned()),
    ];
    kinds.extend(links(vitrine, &owner).await);
    let mut credentials = vec![Credential::bad(
        "an access token as a key",
        &["invalid_key"],
        Kind::Key(owner.access_token),
    )];
    for (name, text) in kinds {
        // What begins like our keys is taken for one.
        let as_bearer = if text.starts_with("vt_") {
            &["invalid_key"]
        } else {
            &["invalid_token"]
        };
        credentials.push(Credential::bad(
            &format!("{name} as a key"),
            &["invalid_key"],
            Kind::Key(text.clone()),
        ));
        credentials.push(Credential::bad(
            &format!("{name} as a bearer"),
            as_bearer,
            Kind::Bearer(text),
        ));
    }
    credentials
}

/// Links of letters and of a connection, none of which was followed yet.
async fn links(vitrine: &Installation, owner: &Owner<'_>) -> Vec<(&'static str, String)> {
    let moves = json!({"email": "moved@example.com", "current_password": PASSWORD});
    owner.patch("/v1/me", &moves).await.expect(200);
    let forgotten = json!({"email": owner.email});
    vitrine
        .post("/v1/auth/password/forgot", &forgotten)
        .await
        .expect(202);
    let link = async |to: &str, subject: &str| token(&letter(vitrine, to, subject, 1).await);
    let consent = owner.begins(&json!({})).await;
    let state = consent
        .query_pairs()
        .find(|(name, _)| name == "state")
        .unwrap()
        .1
        .into_owned();
    vec![
        (
            "a link that confirms an address",
            link("moved@example.com", "Confirm your email address").await,
        ),
        (
            "a link that resets a password",
            link(&owner.email, "Choose a new password").await,
        ),
        ("an invitation", link("invited@example.com", "").await),
        ("a connection's state", state),
    ]
}
