//! Connecting, syncing, and taking everything along.

use super::Secrets;
use crate::support::{Installation, MASTER_KEY, Owner, database, posted, vault_of};
use secrecy::ExposeSecret;
use serde_json::json;
use std::time::Duration;
use url::Url;
use vitrine_entity::{TenantOwned, account_token};
use vitrine_simulator::NewAccount;
use vitrine_test_support::wait_until;

/// Every way to connect, a sync, a refresh, and a code that is used twice.
pub(super) async fn connections(vitrine: &Installation, owner: &Owner<'_>, secrets: &mut Secrets) -> String {
    let page = "https://photos.example/instagram";
    let consent = owner.begins(&json!({"redirect_uri": page})).await;
    let back = owner.decides(&consent, "vitrine.demo", "allow").await;
    note_code(&back, secrets);
    let body = posted(&back, page);
    let connected = owner
        .post("/v1/accounts/connect/complete", &body)
        .await
        .expect(201);
    owner.post("/v1/accounts/connect/complete", &body).await;
    let account = connected["id"].as_str().unwrap().to_owned();

    let consent = owner.begins(&json!({})).await;
    let back = owner.decides(&consent, "vitrine.demo", "allow").await;
    note_code(&back, secrets);
    owner.opens(&back).await;

    vitrine
        .simulator
        .add_account(NewAccount::named("another.shop").with_media(3))
        .unwrap();
    let minted = vitrine.simulator.mint_token("another.shop").unwrap();
    owner
        .post("/v1/accounts/connect/token", &json!({"access_token": minted}))
        .await
        .expect(201);
    secrets.add("pasted token", minted);
    let dead = "IGAAdeadbeefdeadbeefdeadbeef0123456789";
    owner
        .post("/v1/accounts/connect/token", &json!({"access_token": dead}))
        .await;
    secrets.add("dead token", dead);

    platform_tokens(vitrine, secrets).await;
    vitrine.advance(Duration::from_secs(26 * 3_600)).await;
    let mut owner = Owner::signs_in(vitrine, "ada@example.com").await;
    owner.syncs(&account).await;
    let job = owner
        .post(&format!("/v1/accounts/{account}/refresh-token"), &json!({}))
        .await
        .expect(202);
    let ended = owner.finished(job["job"]["id"].as_str().unwrap()).await;
    assert_eq!(ended["status"], "succeeded", "{ended}");
    owner.signs_in_again().await;
    secrets.add("access token", &owner.access_token);
    secrets.add("refresh token", &owner.refresh_token);
    account
}

fn note_code(back: &Url, secrets: &mut Secrets) {
    for (name, value) in back.query_pairs() {
        if matches!(&*name, "code" | "state") {
            secrets.add(&name, value.as_bytes());
        }
    }
}

/// The tokens as Instagram gave them.
pub(super) async fn platform_tokens(vitrine: &Installation, secrets: &mut Secrets) {
    let database = database(vitrine).await;
    let vault = vault_of(&database, MASTER_KEY).await;
    let rows = account_token::Entity::across_tenants()
        .all(database.connection())
        .await
        .unwrap();
    assert!(!rows.is_empty());
    for row in rows {
        let token = vault
            .open_token(row.account_id, &row.key_id, &row.ciphertext)
            .unwrap();
        secrets.add("platform token", token.expose_secret());
    }
}

/// The tenant's document, written by a worker and written at once.
pub(super) async fn export(owner: &Owner<'_>, secrets: &mut Secrets) -> String {
    let asked = owner.post("/v1/tenant/exports", &json!({})).await.expect(202);
    let path = format!("/v1/tenant/exports/{}", asked["job"]["id"].as_str().unwrap());
    let written = wait_until(Duration::from_secs(20), async || {
        owner.get(&path).await.expect(200)["status"] == "succeeded"
    });
    written.await.unwrap();
    let kept = owner.get(&format!("{path}/document")).await;
    let fresh = owner.get("/v1/tenant/export").await;
    kept.expect(200);
    fresh.expect(200);
    secrets.add("export, its beginning", &kept.text[..48]);
    format!("{}\n{}", kept.text, fresh.text)
}
