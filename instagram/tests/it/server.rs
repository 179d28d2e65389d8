//! A scripted HTTP server, and clients that talk to it.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use url::Url;
use vitrine_instagram::{
    AccessToken, Client, ClientSettings, Dialect, Failure, FailureKind, Limits, MediaPage, MediaRequest,
};

/// What the server answers once.
#[derive(Clone)]
pub(crate) struct Scripted {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

pub(crate) fn answer(status: u16, body: impl Into<Vec<u8>>) -> Scripted {
    Scripted {
        status,
        headers: vec![("content-type", "application/json; charset=UTF-8".into())],
        body: body.into(),
    }
}

impl Scripted {
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// A request as the server saw it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// Gives the scripted answers in turn and then the last one over and over.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    script: Arc<Script>,
}

struct Script {
    answers: Mutex<VecDeque<Scripted>>,
    seen: Mutex<Vec<Seen>>,
}

impl Server {
    pub(crate) async fn start(answers: impl IntoIterator<Item = Scripted>) -> Self {
        let script = Arc::new(Script {
            answers: Mutex::new(answers.into_iter().collect()),
            seen: Mutex::default(),
        });
        let app = Router::new().fallback(reply).with_state(Arc::clone(&script));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address, script }
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.script.seen.lock().unwrap().clone()
    }

    pub(crate) fn settings(&self, dialect: Dialect) -> ClientSettings {
        settings_at(self.address, dialect)
    }

    pub(crate) fn client(&self) -> Client {
        client(self.settings(Dialect::InstagramLogin))
    }
}

async fn reply(State(script): State<Arc<Script>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body: Bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let query = head.uri.query().unwrap_or_default();
    script.seen.lock().unwrap().push(Seen {
        method: head.method,
        path: head.uri.path().to_owned(),
        query: url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect(),
        headers: head.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    });
    let scripted = next_answer(&mut script.answers.lock().unwrap());
    let mut response = scripted.body.into_response();
    *response.status_mut() = scripted.status.try_into().unwrap();
    response.headers_mut().clear();
    for (name, value) in scripted.headers {
        response.headers_mut().append(name, value.parse().unwrap());
    }
    response
}

fn next_answer(answers: &mut VecDeque<Scripted>) -> Scripted {
    if answers.len() > 1 {
        answers.pop_front().unwrap()
    } else {
        answers.front().unwrap().clone()
    }
}

pub(crate) fn settings_at(address: SocketAddr, dialect: Dialect) -> ClientSettings {
    let url = |path: &str| Url::parse(&format!("http://{address}{path}")).unwrap();
    ClientSettings {
        authorize_url: url("/oauth/authorize"),
        token_url: url("/oauth/access_token"),
        graph_url: url("/"),
        ..ClientSettings::for_dialect(dialect, "990602627938098", "0123456789abcdef0123456789abcdef")
    }
}

pub(crate) fn client(settings: ClientSettings) -> Client {
    install_ring();
    Client::new(settings).unwrap()
}

pub(crate) fn client_within(address: SocketAddr, limits: Limits) -> Client {
    client(ClientSettings {
        limits,
        ..settings_at(address, Dialect::InstagramLogin)
    })
}

pub(crate) fn install_ring() {
    // Another test of this process may have been first.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

pub(crate) fn token() -> AccessToken {
    AccessToken::from("IGAAexampletoken")
}

pub(crate) fn newest() -> MediaRequest {
    MediaRequest {
        limit: 25,
        after: None,
    }
}

/// The kind of failure that reading media ends with when this is the answer.
pub(crate) async fn media_failure(scripted: Scripted) -> Failure {
    let server = Server::start([scripted]).await;
    server.client().media_page(&token(), &newest()).await.unwrap_err()
}

pub(crate) async fn media_kind(scripted: Scripted) -> FailureKind {
    media_failure(scripted).await.kind
}

pub(crate) async fn media_answer(body: &str) -> MediaPage {
    let server = Server::start([answer(200, body)]).await;
    server
        .client()
        .media_page(&token(), &newest())
        .await
        .unwrap()
        .value
}
