//! Clients that go away in the midst of a change.

use crate::support::{Answer, Engines, Held, Installation, Owner};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::{io::AsyncWriteExt, net::TcpStream};
use vitrine_test_support::wait_until;

const PATIENCE: Duration = Duration::from_secs(20);
const NAME: &str = "the-first-key-of-the-day";

fn wanted() -> Value {
    json!({"name": "shop window", "kind": "publishable"})
}

/// Sends an order over a connection of its own, which is given back.
async fn orders(owner: &Owner<'_>) -> TcpStream {
    let address = owner.installation.address.trim_start_matches("http://");
    let body = wanted().to_string();
    let request = format!(
        "POST /v1/api-keys HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\nIdempotency-Key: {NAME}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        owner.access_token,
        body.len()
    );
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

async fn orders_again(owner: &Owner<'_>) -> Answer {
    let request = owner.request(Method::POST, "/v1/api-keys").json(&wanted());
    Answer::of(request.header("Idempotency-Key", NAME).send().await.unwrap()).await
}

/// The connection is reset while the order waits for what is held; then the order goes on.
async fn resets_while_held(owner: &Owner<'_>, held: Held) {
    let stream = orders(owner).await;
    reset_while_held(owner.installation, stream, held).await;
}

async fn reset_while_held(vitrine: &Installation, stream: TcpStream, held: Held) {
    held.is_waited_for(1).await;
    stream.set_zero_linger().unwrap();
    drop(stream);
    let noticed = wait_until(PATIENCE, async || vitrine.log().contains("went away"));
    let noticed = noticed.await;
    assert!(noticed.is_ok(), "{}", vitrine.log());
    held.release().await;
}

async fn is_done_once_and_recorded(owner: &Owner<'_>) {
    let recorded = wait_until(PATIENCE, async || entries(owner).await == 1);
    let recorded = recorded.await;
    assert!(recorded.is_ok(), "no entry:\n{}", owner.installation.log());
    let answered = wait_until(PATIENCE, async || orders_again(owner).await.status != 409);
    answered.await.unwrap();
    let again = orders_again(owner).await;

    let key = again.expect(201);
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert!(key["key"].is_string());
    let keys = owner.get("/v1/api-keys").await.expect(200);
    let ids: Vec<&Value> = keys["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| &key["id"])
        .collect();
    assert_eq!(ids, [&key["id"]]);
    assert_eq!(entries(owner).await, 1);
}

async fn entries(owner: &Owner<'_>) -> usize {
    let log = owner.get("/v1/audit-log?action=create_api_key").await.expect(200);
    log["data"].as_array().unwrap().len()
}

/// The state is used up and the code exchanged on the way, so nobody could begin again with them.
#[tokio::test]
async fn a_consent_whose_browser_goes_away_is_connected() {
    let vitrine = Installation::start(Engines::Distributed).await;
    let owner = vitrine.owner("ada").await;
    let consent = owner.begins(&json!({})).await;
    let back = owner.decides(&consent, "vitrine.demo", "allow").await;
    let held = Held::table(&vitrine, "account_token").await;

    let address = vitrine.address.trim_start_matches("http://");
    let mut browser = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "GET {}?{} HTTP/1.1\r\nHost: {address}\r\n\r\n",
        back.path(),
        back.query().unwrap()
    );
    browser.write_all(request.as_bytes()).await.unwrap();
    reset_while_held(&vitrine, browser, held).await;

    let mut accounts = Value::Null;
    let connected = wait_until(PATIENCE, async || {
        accounts = owner.get("/v1/accounts").await.expect(200)["data"].clone();
        accounts[0]["status"] == "active"
    });
    assert!(connected.await.is_ok(), "{accounts}\n{}", vitrine.log());
}

#[tokio::test]
async fn a_change_whose_client_goes_away_before_it_is_done_and_recorded() {
    let vitrine = Installation::start(Engines::Distributed).await;
    let owner = vitrine.owner("ada").await;
    let held = Held::tenant_of(&owner).await;

    resets_while_held(&owner, held).await;

    is_done_once_and_recorded(&owner).await;
}

#[tokio::test]
async fn a_change_whose_client_goes_away_after_it_is_recorded() {
    let vitrine = Installation::start(Engines::Distributed).await;
    let owner = vitrine.owner("ada").await;
    let held = Held::table(&vitrine, "audit_event").await;

    resets_while_held(&owner, held).await;

    is_done_once_and_recorded(&owner).await;
}
