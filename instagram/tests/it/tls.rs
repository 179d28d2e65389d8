//! What the client offers when it begins a TLS connection.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::HeaderMap;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use url::Url;
use vitrine_instagram::{Outgoing, Timeouts};

use crate::server::install_ring;

const PATIENCE: Timeouts = Timeouts {
    connect: Duration::from_millis(500),
    read: Duration::from_secs(2),
    total: Duration::from_secs(2),
};

/// TLS 1.3 and 1.2 (RFC 8446, section 4.2.1).
const VERSIONS: [u16; 2] = [0x0304, 0x0303];
/// Authenticated encryption with keys that are forgotten (RFC 8446 B.4, RFC 5289, RFC 7905), and the mark against
/// renegotiation (RFC 5746).
const SUITES: [u16; 10] = [
    0x1301, 0x1302, 0x1303, 0xc02b, 0xc02c, 0xc02f, 0xc030, 0xcca8, 0xcca9, 0x00ff,
];
const SUPPORTED_VERSIONS: u16 = 43;

/// This machine, whatever is asked for.
struct Here;

impl Resolve for Here {
    fn resolve(&self, _: Name) -> Resolving {
        Box::pin(async { Ok(Box::new(std::iter::once(SocketAddr::from(([127, 0, 0, 1], 0)))) as Addrs) })
    }
}

/// A message that is taken apart from its front.
struct Message<'m>(&'m [u8]);

impl<'m> Message<'m> {
    fn take(&mut self, length: usize) -> &'m [u8] {
        let (taken, rest) = self.0.split_at(length);
        self.0 = rest;
        taken
    }

    /// A number of so many bytes.
    fn number(&mut self, bytes: usize) -> usize {
        self.take(bytes)
            .iter()
            .fold(0, |number, byte| number << 8 | usize::from(*byte))
    }

    /// What a length of so many bytes stands before.
    fn part(&mut self, bytes: usize) -> Message<'m> {
        let length = self.number(bytes);
        Message(self.take(length))
    }

    fn words(self) -> Vec<u16> {
        let pairs = self.0.chunks_exact(2);
        pairs.map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect()
    }
}

/// Versions and suites of a ClientHello (RFC 8446, section 4.1.2).
fn offered(hello: &[u8]) -> (Vec<u16>, Vec<u16>) {
    let mut hello = Message(hello);
    assert_eq!(hello.number(1), 1, "a ClientHello");
    let mut hello = hello.part(3);
    hello.take(2 + 32);
    hello.part(1);
    let suites = hello.part(2).words();
    hello.part(1);
    let mut extensions = hello.part(2);
    while !extensions.0.is_empty() {
        let (kind, mut extension) = (extensions.number(2), extensions.part(2));
        if kind == usize::from(SUPPORTED_VERSIONS) {
            return (extension.part(1).words(), suites);
        }
    }
    panic!("nothing but TLS 1.2 or older is offered");
}

async fn first_record(mut stream: TcpStream) -> Vec<u8> {
    let mut head = [0; 5];
    stream.read_exact(&mut head).await.unwrap();
    assert_eq!(head[0], 22, "a handshake");
    let mut record = vec![0; usize::from(u16::from_be_bytes([head[3], head[4]]))];
    stream.read_exact(&mut record).await.unwrap();
    record
}

#[tokio::test]
async fn nothing_older_than_tls_1_2_and_no_weak_suite_is_offered() {
    install_ring();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let url: Url = format!("https://localhost:{port}/").parse().unwrap();
    let client = Outgoing::resolving(Arc::new(Here), &[&url], PATIENCE, HeaderMap::new()).unwrap();

    let listening = async { first_record(listener.accept().await.unwrap().0).await };
    let (hello, answer) = tokio::join!(listening, client.request(Method::GET, url).unwrap().send());

    assert!(answer.is_err(), "the connection ended after its first message");
    let (mut versions, suites) = offered(&hello);
    versions.sort_unstable_by(|one, other| other.cmp(one));
    assert_eq!(versions, VERSIONS);
    let weak: Vec<_> = suites.iter().filter(|suite| !SUITES.contains(suite)).collect();
    assert!(!suites.is_empty() && weak.is_empty(), "{weak:x?}");
}
