//! What Meta calls, signed by the local Instagram's own implementation.

mod deletion;
mod later_consent;
mod removal;
mod unsigned;
mod webhook;

use crate::support::Installation;
use reqwest::Method;
use serde_json::Value;
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use vitrine_simulator::{CallbackAnswer, NewAccount, SignedCallback};
use vitrine_test_support::wait_until;

const DEAUTHORIZE: &str = "/v1/instagram/deauthorize";
const DELETION: &str = "/v1/instagram/data-deletion";

fn at(vitrine: &Installation, path: &str) -> String {
    format!("{}{path}", vitrine.address)
}

fn code_of(answer: &CallbackAnswer) -> (u16, String) {
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    (
        answer.status,
        body["code"].as_str().unwrap_or_default().to_owned(),
    )
}

fn has_photos(feed: &Value) -> bool {
    !feed["data"].as_array().unwrap().is_empty()
}

fn another(vitrine: &Installation) -> String {
    let new = NewAccount::named("another.shop").with_media(3);
    vitrine.simulator.add_account(new).unwrap();
    "another.shop".to_owned()
}

/// A genuine signed request about vitrine.demo, as somebody on the way would have it.
async fn overheard(vitrine: &Installation) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let heard = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut bytes = Vec::new();
        while !String::from_utf8_lossy(&bytes).contains("signed_request=") {
            let mut some = [0; 4096];
            let read = stream.read(&mut some).await.unwrap();
            assert!(read > 0, "nothing was sent");
            bytes.extend(&some[..read]);
        }
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
            .await
            .unwrap();
        let text = String::from_utf8(bytes).unwrap();
        text.split_once("signed_request=").unwrap().1.to_owned()
    });
    let callback = SignedCallback::new(url, "vitrine.demo");
    vitrine.simulator.send_signed(&callback).await.unwrap();
    heard.await.unwrap()
}

/// Sends a signed request and gives the confirmation code, if there is one.
async fn send(vitrine: &Installation, path: &str, signed: &str) -> String {
    let sent = vitrine
        .program(None)
        .request(Method::POST, path)
        .form(&[("signed_request", signed)]);
    let answer = crate::support::Answer::of(sent.send().await.unwrap())
        .await
        .expect(200);
    let code = answer["confirmation_code"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    if !code.is_empty() {
        assert_eq!(answer["url"], format!("{}/data-deletion/{code}", vitrine.address));
    }
    code
}

/// Waits until the status page says that all is gone, and gives the page.
async fn is_done(vitrine: &Installation, code: &str) -> String {
    let mut page = String::new();
    let done = wait_until(Duration::from_secs(60), async || {
        let answer = vitrine.get(&format!("/data-deletion/{code}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        page = answer.text;
        page.contains("Your data has been deleted")
    });
    let done = done.await;
    assert!(done.is_ok(), "{page}\n{}", vitrine.log());
    page
}
