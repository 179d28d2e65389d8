//! Bodies that take their time, while whoever sends them loses what they may do.

use crate::{
    support::{Engines, Installation, Owner, on_both_pairs},
    tenants::teams::{gives, joined, member, removes},
};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

on_both_pairs!(
    whoever_is_still_the_same_may_send_slowly,
    a_removed_member_sends_no_body_to_its_end,
    a_member_with_less_rights_sends_no_body_to_its_end,
    a_revoked_key_sends_no_body_to_its_end,
);

/// Longer than a body takes that came with its head.
const SLOW: Duration = Duration::from_millis(400);

/// A request of which half the body was sent.
struct Slow {
    stream: TcpStream,
    rest: String,
}

impl Slow {
    /// Sends the head and half the body, once the server has said that it goes on after the head.
    async fn begins(vitrine: &Installation, path: &str, headers: &str, body: &Value) -> Self {
        let address = vitrine.address.trim_start_matches("http://");
        let body = body.to_string();
        let (half, rest) = body.split_at(body.len() / 2);
        let length = body.len();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {address}\r\n{headers}Content-Type: application/json\r\n\
             Content-Length: {length}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
        );
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut going_on = [0; 25];
        stream.read_exact(&mut going_on).await.unwrap();
        assert_eq!(&going_on, b"HTTP/1.1 100 Continue\r\n\r\n");
        stream.write_all(half.as_bytes()).await.unwrap();
        let rest = rest.to_owned();
        Self { stream, rest }
    }

    /// Sends the rest later; gives the status and the body of the answer.
    async fn ends(mut self) -> (u16, Value) {
        tokio::time::sleep(SLOW).await;
        self.stream.write_all(self.rest.as_bytes()).await.unwrap();
        let mut answer = String::new();
        self.stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap())
    }

    async fn ends_with(self, status: u16, code: &str) {
        let (answered, problem) = self.ends().await;
        assert_eq!(
            (answered, problem["code"].as_str()),
            (status, Some(code)),
            "{problem}"
        );
    }
}

fn bearer(owner: &Owner<'_>) -> String {
    format!("Authorization: Bearer {}\r\n", owner.access_token)
}

/// Begins to make a key.
async fn makes_a_key(owner: &Owner<'_>, more: &str) -> Slow {
    let body = json!({"name": "shop window", "kind": "publishable"});
    let headers = bearer(owner) + more;
    Slow::begins(owner.installation, "/v1/api-keys", &headers, &body).await
}

async fn keys(owner: &Owner<'_>) -> usize {
    let keys = owner.get("/v1/api-keys").await.expect(200);
    keys["data"].as_array().unwrap().len()
}

async fn whoever_is_still_the_same_may_send_slowly(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let ada = vitrine.owner("ada").await;

    for more in ["", "Idempotency-Key: once\r\n"] {
        let (status, key) = makes_a_key(&ada, more).await.ends().await;
        assert_eq!(status, 201, "{key}");
    }

    assert_eq!(keys(&ada).await, 2);
}

async fn a_removed_member_sends_no_body_to_its_end(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let ada = vitrine.owner("ada").await;
    let grace = joined(&ada, "grace", "admin").await;
    let id = member(&ada, &grace.email).await;
    let plain = makes_a_key(&grace, "").await;
    let named = makes_a_key(&grace, "Idempotency-Key: once\r\n").await;

    removes(&ada, &id).await.expect(204);

    plain.ends_with(401, "session_revoked").await;
    named.ends_with(401, "session_revoked").await;
    assert_eq!(keys(&ada).await, 0);
}

async fn a_member_with_less_rights_sends_no_body_to_its_end(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let ada = vitrine.owner("ada").await;
    let grace = joined(&ada, "grace", "admin").await;
    let id = member(&ada, &grace.email).await;
    let slow = makes_a_key(&grace, "").await;

    gives(&ada, &id, "viewer").await.expect(200);

    slow.ends_with(403, "insufficient_role").await;
    assert_eq!(keys(&ada).await, 0);
}

async fn a_revoked_key_sends_no_body_to_its_end(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let ada = vitrine.owner("ada").await;
    let body = json!({"name": "program", "kind": "secret", "scopes": ["feeds:write"]});
    let key = ada.post("/v1/api-keys", &body).await.expect(201);
    let shown = format!("X-Api-Key: {}\r\n", key["key"].as_str().unwrap());
    let slow = Slow::begins(&vitrine, "/v1/feeds", &shown, &json!({"name": "a feed"})).await;

    let path = format!("/v1/api-keys/{}", key["id"].as_str().unwrap());
    ada.delete(&path).await.expect(204);

    slow.ends_with(401, "key_revoked").await;
}
