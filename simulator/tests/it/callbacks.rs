//! What the simulator sends to an app.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, Uri};
use serde_json::{Value, json};
use vitrine_simulator::{CallbackVariant, SignedCallback, WebhookCallback, WebhookEvent};

use crate::support::{World, parts};

type Received = Arc<Mutex<Vec<(String, HeaderMap, String)>>>;

/// An app that writes down what it receives.
async fn app() -> (String, Received) {
    let received = Received::default();
    let kept = Arc::clone(&received);
    let routes = Router::new().fallback(move |uri: Uri, headers: HeaderMap, body: Bytes| async move {
        let body = String::from_utf8(body.to_vec()).unwrap();
        kept.lock().unwrap().push((uri.to_string(), headers, body));
        "thanks"
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/callback", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    (url, received)
}

#[tokio::test]
async fn signed_requests_come_genuine_forged_and_twice() {
    let world = World::start().await;
    let (url, received) = app().await;
    let send = async |variant| {
        let callback = SignedCallback {
            variant,
            ..SignedCallback::new(url.clone(), "vitrine.demo")
        };
        world.simulator.send_signed(&callback).await.unwrap()
    };

    assert_eq!(send(CallbackVariant::Valid).await[0].body, "thanks");
    send(CallbackVariant::BadSignature).await;
    assert_eq!(send(CallbackVariant::Replay).await.len(), 2);

    let bodies: Vec<String> = received
        .lock()
        .unwrap()
        .iter()
        .map(|(_, _, body)| body.clone())
        .collect();
    assert!(bodies.iter().all(|body| body.starts_with("signed_request=")));
    assert_eq!(bodies.len(), 4);
    assert_eq!(bodies[2], bodies[3]);
    let signature = |body: &str| body.split('.').next().unwrap().to_owned();
    assert_ne!(signature(&bodies[0]), signature(&bodies[1]));
}

#[tokio::test]
async fn webhooks_shake_hands_and_tell_of_comments() {
    let world = World::start().await;
    let (url, received) = app().await;
    let event = WebhookEvent::Handshake {
        verify_token: "agreed".to_owned(),
    };
    let callback = WebhookCallback {
        url: url.clone(),
        account: "vitrine.demo".to_owned(),
        event,
        variant: CallbackVariant::Valid,
    };
    world.simulator.send_webhook(&callback).await.unwrap();
    let body =
        json!({"url": url, "account": "vitrine.demo", "event": {"comment": {"text": "Nice"}}}).to_string();
    let response = world
        .client
        .post(world.url("/_simulator/callbacks/webhook"))
        .body(body)
        .send()
        .await
        .unwrap();
    assert_eq!(
        parts(response).await,
        (200, json!([{"status": 200, "body": "thanks"}]))
    );

    let received = received.lock().unwrap();
    assert!(
        received[0]
            .0
            .contains("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=agreed")
    );
    let event: Value = serde_json::from_str(&received[1].2).unwrap();
    assert_eq!(
        event["entry"][0]["id"],
        world.simulator.account("vitrine.demo").unwrap().user_id
    );
    assert_eq!(event["entry"][0]["changes"][0]["value"]["text"], "Nice");
    assert!(
        received[1].1["x-hub-signature-256"]
            .to_str()
            .unwrap()
            .starts_with("sha256=")
    );
}

#[tokio::test]
async fn no_other_machine_is_ever_called() {
    let world = World::start().await;
    let body = json!({"url": "http://192.0.2.1/", "account": "vitrine.demo"}).to_string();
    for path in ["deauthorize", "data-deletion"] {
        let url = world.url(&format!("/_simulator/callbacks/{path}"));
        assert_eq!(
            world
                .client
                .post(url)
                .body(body.clone())
                .send()
                .await
                .unwrap()
                .status(),
            400
        );
    }
}
