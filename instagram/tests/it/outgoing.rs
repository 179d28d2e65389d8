//! Requests go to public addresses and to configured loopback hosts, and nowhere else.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use reqwest::Method;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::HeaderMap;
use tokio::net::TcpListener;
use url::Url;
use vitrine_instagram::{Outgoing, Refused, Timeouts};

use crate::server::install_ring;

const PATIENCE: Timeouts = Timeouts {
    connect: Duration::from_millis(500),
    read: Duration::from_secs(2),
    total: Duration::from_secs(2),
};

/// A server on loopback that counts who comes, and answers with a redirect to `onward`.
async fn server(onward: Option<String>) -> (SocketAddr, Arc<AtomicUsize>) {
    let visits = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&visits);
    let routes = Router::new().fallback(move || async move {
        counted.fetch_add(1, Ordering::SeqCst);
        match onward {
            Some(onward) => (StatusCode::FOUND, [(LOCATION, onward)]),
            None => (StatusCode::OK, [(LOCATION, String::new())]),
        }
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    (address, visits)
}

/// Answers each look-up with the next of its addresses, and the last one from then on.
struct Names {
    answers: Vec<Vec<IpAddr>>,
    asked: AtomicUsize,
}

impl Names {
    fn answering(answers: &[&[&str]]) -> Arc<Self> {
        let parse = |texts: &&[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        Arc::new(Self {
            answers: answers.iter().map(parse).collect(),
            asked: AtomicUsize::new(0),
        })
    }
}

impl Resolve for Names {
    fn resolve(&self, _: Name) -> Resolving {
        let asked = self.asked.fetch_add(1, Ordering::SeqCst);
        let answer = self.answers[asked.min(self.answers.len() - 1)].clone();
        let found = answer.into_iter().map(|address| SocketAddr::new(address, 0));
        Box::pin(async move { Ok(Box::new(found) as Addrs) })
    }
}

fn outgoing(names: Arc<Names>, configured: &[&Url]) -> Outgoing {
    install_ring();
    Outgoing::resolving(names, configured, PATIENCE, HeaderMap::new()).unwrap()
}

/// Everything that an error says, down to its last cause.
fn said(error: &reqwest::Error) -> String {
    let (mut text, mut next) = (error.to_string(), std::error::Error::source(error));
    while let Some(cause) = next {
        text.push_str(&format!(": {cause}"));
        next = cause.source();
    }
    text
}

async fn failure(client: &Outgoing, url: &Url) -> String {
    let sent = client.request(Method::GET, url.clone()).unwrap().send().await;
    said(&sent.unwrap_err())
}

#[tokio::test]
async fn a_name_that_stands_for_a_private_address_is_not_reached() {
    let (address, visits) = server(None).await;
    let url = Url::parse(&format!("https://photos.example:{}/", address.port())).unwrap();
    for private in [
        "127.0.0.1",
        "10.0.0.1",
        "169.254.169.254",
        "::1",
        "::ffff:127.0.0.1",
        "fd00::1",
    ] {
        let client = outgoing(Names::answering(&[&[private]]), &[]);

        assert!(
            failure(&client, &url).await.contains("not a public one"),
            "{private}"
        );
    }
    assert_eq!(visits.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_name_that_changes_to_a_private_address_is_not_reached() {
    let (address, visits) = server(None).await;
    let url = Url::parse(&format!("https://photos.example:{}/", address.port())).unwrap();
    // A public address would be called for real; what matters is that every connection is looked at anew.
    let names = Names::answering(&[&["240.0.0.1", "127.0.0.1"], &["127.0.0.1"]]);
    let client = outgoing(Arc::clone(&names), &[]);

    for _ in 0..3 {
        assert!(failure(&client, &url).await.contains("not a public one"));
    }

    assert!(
        names.asked.load(Ordering::SeqCst) >= 3,
        "each connection looks again"
    );
    assert_eq!(visits.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_configured_loopback_name_stands_for_this_machine_only() {
    let (address, visits) = server(None).await;
    let url = Url::parse(&format!("http://sim.localhost:{}/", address.port())).unwrap();

    let here = outgoing(Names::answering(&[&["127.0.0.1"]]), &[&url]);
    let answer = here
        .request(Method::GET, url.clone())
        .unwrap()
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    let away = outgoing(Names::answering(&[&["10.0.0.1", "1.1.1.1"]]), &[&url]);
    assert!(failure(&away, &url).await.contains("not a public one"));
    assert_eq!(visits.load(Ordering::SeqCst), 1);
}

#[test]
fn addresses_are_looked_at_before_anything_is_sent() {
    install_ring();
    let simulator = Url::parse("http://127.0.0.1:8081/").unwrap();
    let client = outgoing(Names::answering(&[&["1.1.1.1"]]), &[&simulator]);
    let verdict = |text: &str| {
        let request = client.request(Method::GET, Url::parse(text).unwrap());
        request.map(drop)
    };

    assert_eq!(verdict("http://127.0.0.1:9/x"), Ok(()));
    assert_eq!(verdict("https://graph.instagram.com/"), Ok(()));
    for text in [
        "https://127.0.0.2/",
        "https://[::1]/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::ffff:10.0.0.1]/",
        "https://0x7f000002/",
        "https://2852039166/",
    ] {
        assert_eq!(verdict(text), Err(Refused::NotPublic), "{text}");
    }
    for text in [
        "http://graph.instagram.com/",
        "http://localhost/",
        "http://[::1]/",
        "http://169.254.169.254/",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "gopher://127.0.0.1/",
    ] {
        assert_eq!(verdict(text), Err(Refused::Scheme), "{text}");
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let (inside, inner_visits) = server(None).await;
    for onward in [
        format!("http://{inside}/"),
        "http://169.254.169.254/latest/meta-data".to_owned(),
    ] {
        let (address, visits) = server(Some(onward)).await;
        let url = Url::parse(&format!("http://{address}/")).unwrap();
        let client = outgoing(Names::answering(&[&["127.0.0.1"]]), &[&url]);

        let answer = client.request(Method::GET, url).unwrap().send().await.unwrap();

        assert_eq!(answer.status(), 302);
        assert_eq!(visits.load(Ordering::SeqCst), 1);
    }
    assert_eq!(inner_visits.load(Ordering::SeqCst), 0);
}
