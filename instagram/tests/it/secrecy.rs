//! Nothing secret reaches an error, a debug print or a trace. One test, because its subscriber is the process's.

use std::error::Error;
use std::io;
use std::sync::{Arc, Mutex};

use tracing::Level;
use vitrine_instagram::{
    AccessToken, AuthorizationCode, Client, ClientSettings, Dialect, Failure, Limits, LoginPrompt,
    MediaRequest,
};

use crate::refusals::graph;
use crate::server::{Scripted, Server, answer, client, settings_at};
use crate::wire::{Manner, Wire};

const MARK: &str = "PLANTED";

/// Everything traced or logged in this process.
#[derive(Clone, Default)]
struct Journal(Arc<Mutex<Vec<u8>>>);

impl io::Write for Journal {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Journal {
    fn start() -> Self {
        let journal = Self::default();
        let writer = journal.clone();
        tracing_subscriber::fmt()
            .with_max_level(Level::TRACE)
            .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .init();
        journal
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

fn planted(settings: ClientSettings) -> Client {
    let limits = Limits {
        total: std::time::Duration::from_millis(300),
        max_body_bytes: 4096,
        ..settings.limits
    };
    let graph_url = settings.graph_url.join("PLANTED-path").unwrap();
    let client_secret = "PLANTED-secret".into();
    client(ClientSettings {
        client_id: "PLANTED-id".into(),
        client_secret,
        graph_url,
        limits,
        ..settings
    })
}

/// Makes every call; gives back every way in which the failures can be printed.
async fn every_call(client: &Client) -> String {
    let token = AccessToken::from("PLANTED-token");
    let code = AuthorizationCode::from("PLANTED-code#_");
    let page = MediaRequest {
        limit: 25,
        after: Some("PLANTED-cursor".into()),
    };
    let failures = [
        client
            .exchange_code(&code, "https://photos.example/PLANTED")
            .await
            .err(),
        client.long_lived(&token).await.err(),
        client.refresh(&token).await.err(),
        client.me(&token).await.err(),
        client.confirm_alive(&token).await.err(),
        client.media_page(&token, &page).await.err(),
    ];
    assert!(failures.iter().all(Option::is_some));
    failures.iter().flatten().map(printed).collect()
}

fn printed(failure: &Failure) -> String {
    let mut text = format!("{failure} {failure:?} {failure:#?}\n");
    let mut cause = failure.source();
    while let Some(error) = cause {
        text.push_str(&format!("{error} {error:?}\n"));
        cause = error.source();
    }
    text
}

fn refusals() -> Vec<Scripted> {
    let oauth = r#"{"error_type":"PLANTED","code":400,"error_message":"PLANTED","fbtrace_id":"PLANTED-PLANTED-PLANTED-PLANTED"}"#;
    let mut all: Vec<Scripted> = [1, 4, 10, 17, 100, 102, 190, 368, 2500, 80_002, 999]
        .into_iter()
        .map(|code| {
            answer(
                400,
                graph(
                    "PLANTED",
                    code,
                    0,
                    "field (PLANTED) access_token=PLANTED https://h/?x=PLANTED",
                ),
            )
        })
        .collect();
    all.extend([
        answer(400, oauth),
        answer(502, "<html>PLANTED</html>"),
        answer(200, r#"{"PLANTED":"PLANTED"}"#),
        answer(200, r#"{"access_token":PLANTED"#),
        answer(200, r#""PLANTED""#),
        answer(200, "{\"id\":\"\\uPLANTED\"}"),
        answer(200, "PLANTED".repeat(1000)),
        answer(302, "PLANTED").with("location", "https://photos.example/?token=PLANTED"),
        answer(429, "{}")
            .with("retry-after", "PLANTED")
            .with("x-app-usage", "PLANTED"),
        answer(200, "PLANTED").with("content-encoding", "gzip"),
    ]);
    all
}

/// Failures of the transport, TLS included.
async fn broken_transports() -> Vec<ClientSettings> {
    let mut all = Vec::new();
    for manner in [
        Manner::Hang,
        Manner::Reset,
        Manner::CutShort,
        Manner::Send(b"HTTP/1.1 PLANTED\r\n\r\n"),
    ] {
        let wire = Wire::start(manner).await;
        let plain = settings_at(wire.address, Dialect::InstagramLogin);
        let mut secure = plain.clone();
        secure.graph_url.set_scheme("https").unwrap();
        secure.token_url.set_scheme("https").unwrap();
        all.extend([plain, secure]);
    }
    all
}

#[tokio::test]
async fn no_error_debug_print_or_trace_holds_a_secret_an_address_or_a_body() {
    let journal = Journal::start();
    for refusal in refusals() {
        let server = Server::start([refusal]).await;
        let printed = every_call(&planted(server.settings(Dialect::InstagramLogin))).await;
        assert!(!printed.contains(MARK), "{printed}");
    }
    for settings in broken_transports().await {
        let printed = every_call(&planted(settings)).await;
        assert!(
            !printed.contains(MARK) && !printed.contains("http://"),
            "{printed}"
        );
    }

    let journal = journal.text();
    assert!(journal.contains("instagram.call") && journal.contains("Instagram call ended"));
    assert!(
        journal.contains("TRACE") && journal.contains("starting new connection"),
        "{journal}"
    );
    let leak = journal.lines().find(|line| line.contains(MARK));
    assert_eq!(leak, None);
}

#[test]
fn secrets_are_hidden_from_debug_prints_of_everything_that_holds_them() {
    let server = settings_at(([127, 0, 0, 1], 1).into(), Dialect::InstagramLogin);
    let settings = ClientSettings {
        client_secret: "PLANTED-secret".into(),
        ..server
    };
    let client = client(settings.clone());
    let (token, code) = (
        AccessToken::from("PLANTED-token"),
        AuthorizationCode::from("PLANTED-code"),
    );

    let printed = format!("{settings:?} {client:?} {token:?} {code:?}");

    assert!(!printed.contains(MARK), "{printed}");
    assert_eq!((token.expose(), code.expose()), ("PLANTED-token", "PLANTED-code"));
    let login = client.authorize_url("https://photos.example/", "state", LoginPrompt::Reuse);
    assert!(!login.as_str().contains(MARK));
}

#[tokio::test]
async fn granted_tokens_are_hidden_from_debug_prints() {
    let body = r#"{"access_token":"PLANTED","user_id":"1","expires_in":5184000}"#;
    let server = Server::start([answer(200, body)]).await;
    let client = server.client();

    let grant = client
        .exchange_code(&"code".into(), "https://photos.example/")
        .await
        .unwrap();
    let long = client.refresh(&grant.token).await.unwrap();

    assert_eq!((grant.token.expose(), long.value.token.expose()), (MARK, MARK));
    assert!(!format!("{grant:?} {long:?}").contains(MARK));
}
