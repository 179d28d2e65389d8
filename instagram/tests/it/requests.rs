//! What the server gets to see.

use axum::http::Method;
use vitrine_instagram::{AuthorizationCode, ClientSettings, Dialect, ExchangeEncoding, MediaRequest};

use crate::server::{Seen, Server, answer, client, token};

const GRANT: &str = r#"{"access_token":"IGAAshort","user_id":1}"#;
const LONG: &str = r#"{"access_token":"IGAAlong","token_type":"bearer","expires_in":5183944}"#;

async fn exchange(encoding: ExchangeEncoding) -> Seen {
    let server = Server::start([answer(200, GRANT)]).await;
    let settings = ClientSettings {
        exchange_encoding: encoding,
        ..server.settings(Dialect::InstagramLogin)
    };
    let code = AuthorizationCode::from("AQD+co/de#_");
    client(settings)
        .exchange_code(&code, "https://photos.example/back/")
        .await
        .unwrap();
    server.seen().remove(0)
}

const EXCHANGE_FIELDS: [(&str, &str); 5] = [
    ("client_id", "990602627938098"),
    ("client_secret", "0123456789abcdef0123456789abcdef"),
    ("grant_type", "authorization_code"),
    ("redirect_uri", "https://photos.example/back/"),
    ("code", "AQD+co/de"),
];

#[tokio::test]
async fn the_exchange_is_sent_as_multipart_by_default() {
    let seen = exchange(ExchangeEncoding::default()).await;

    assert_eq!(
        (seen.method.clone(), seen.path.as_str()),
        (Method::POST, "/oauth/access_token")
    );
    assert!(seen.query.is_empty());
    let boundary = seen
        .header("content-type")
        .strip_prefix("multipart/form-data; boundary=")
        .unwrap()
        .to_owned();
    let parts: Vec<&str> = seen.body.split(&format!("--{boundary}")).collect();
    assert_eq!(parts.len(), EXCHANGE_FIELDS.len() + 2);
    for ((name, value), part) in EXCHANGE_FIELDS.iter().zip(&parts[1..]) {
        assert_eq!(
            *part,
            format!("\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        );
    }
}

#[tokio::test]
async fn the_exchange_can_be_sent_as_a_plain_form() {
    let seen = exchange(ExchangeEncoding::Form).await;

    assert_eq!(seen.header("content-type"), "application/x-www-form-urlencoded");
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(seen.body.as_bytes())
        .into_owned()
        .collect();
    assert_eq!(
        fields,
        EXCHANGE_FIELDS.map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
}

#[tokio::test]
async fn the_token_endpoints_are_called_without_a_version() {
    let server = Server::start([answer(200, LONG)]).await;
    let client = server.client();
    client.long_lived(&token()).await.unwrap();
    client.refresh(&token()).await.unwrap();

    let [long, refresh] = server.seen().try_into().unwrap();
    assert_eq!(
        (long.method.clone(), long.path.as_str()),
        (Method::GET, "/access_token")
    );
    assert_eq!(long.parameter("grant_type"), Some("ig_exchange_token"));
    assert_eq!(
        long.parameter("client_secret"),
        Some("0123456789abcdef0123456789abcdef")
    );
    assert_eq!(long.parameter("access_token"), Some("IGAAexampletoken"));
    assert_eq!(
        (refresh.method.clone(), refresh.path.as_str()),
        (Method::GET, "/refresh_access_token")
    );
    assert_eq!(refresh.parameter("grant_type"), Some("ig_refresh_token"));
    assert_eq!(refresh.parameter("client_secret"), None);
}

#[tokio::test]
async fn data_calls_carry_the_version_under_whatever_root_the_server_has() {
    let server = Server::start([answer(200, r#"{"id":"1"}"#)]).await;
    for root in ["graph", "graph/"] {
        let mut settings = server.settings(Dialect::InstagramLogin);
        settings.graph_url = settings.graph_url.join(root).unwrap();
        settings.api_version = "v26.0".parse().unwrap();
        client(settings).confirm_alive(&token()).await.unwrap();
    }

    let seen = server.seen();
    assert!(
        seen.iter().all(|request| request.path == "/graph/v26.0/me"),
        "{seen:?}"
    );
    assert_eq!(seen[0].parameter("fields"), Some("id"));
}

#[tokio::test]
async fn every_call_asks_for_json_and_names_itself() {
    let server = Server::start([answer(200, r#"{"id":"1","data":[]}"#)]).await;
    let client = server.client();
    let _ = client.confirm_alive(&token()).await;
    let _ = client
        .exchange_code(&"code".into(), "https://photos.example/")
        .await;

    for seen in server.seen() {
        assert_eq!(seen.header("accept"), "application/json");
        assert!(seen.header("user-agent").starts_with("vitrine/"), "{seen:?}");
        assert_eq!(seen.header("authorization"), "");
    }
}

#[tokio::test]
async fn a_page_is_asked_for_by_cursor_and_a_limit_that_instagram_accepts() {
    let server = Server::start([answer(200, r#"{"data":[]}"#)]).await;
    let client = server.client();
    for limit in [0, 25, 100, 5000] {
        client
            .media_page(
                &token(),
                &MediaRequest {
                    limit,
                    after: Some("QVFI=&".into()),
                },
            )
            .await
            .unwrap();
    }

    let seen = server.seen();
    let limits: Vec<_> = seen
        .iter()
        .map(|request| request.parameter("limit").unwrap())
        .collect();
    assert_eq!(limits, ["1", "25", "100", "100"]);
    assert_eq!(seen[0].parameter("after"), Some("QVFI=&"));
    assert_eq!(seen[0].path, "/v25.0/me/media");
    let expansion = "children{id,media_type,media_url,thumbnail_url}";
    assert!(
        seen[0].parameter("fields").unwrap().ends_with(expansion),
        "{:?}",
        seen[0]
    );
}

#[test]
fn calls_can_be_awaited_on_any_thread() {
    fn sendable<T: Send>(_: T) {}
    let client = client(ClientSettings::for_dialect(
        Dialect::InstagramLogin,
        "1",
        "secret",
    ));
    let (token, code) = (token(), AuthorizationCode::from("code"));
    let page = MediaRequest {
        limit: 1,
        after: None,
    };

    sendable(client.exchange_code(&code, "https://photos.example/"));
    sendable(client.long_lived(&token));
    sendable(client.refresh(&token));
    sendable(client.me(&token));
    sendable(client.media_page(&token, &page));
    sendable(client.clone());
}
