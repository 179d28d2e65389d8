//! How a conversation is kept from others, and what becomes of one whose network died.

use super::{Encryptor, Protection, Smtp};
use crate::mail::{DeliveryError, Relay};
use lettre::Message;
use rustls::{
    RootCertStore, ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use std::{path::Path, process::Command, sync::Arc};
use tempfile::TempDir;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;
use vitrine_test_support::{MailServer, Manner};

fn message() -> Message {
    let message = Message::builder()
        .from("photos@example.com".parse().unwrap())
        .to("ada@example.com".parse().unwrap());
    message.body("hello".to_owned()).unwrap()
}

fn relay(address: &str) -> Relay {
    Relay::read(address, "vitrine.example".to_owned()).unwrap()
}

/// A certificate for `localhost` that vouches for itself, and its key.
fn certificate(directory: &Path) -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
    let (certificate, key) = (directory.join("certificate.pem"), directory.join("key.pem"));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"])
        .args([
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost",
        ])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    (
        CertificateDer::from_pem_file(&certificate).unwrap(),
        PrivateKeyDer::from_pem_file(&key).unwrap(),
    )
}

/// Encrypts connections and hands them to a server that speaks in clear; gives its own port.
async fn encrypting(
    server: &MailServer,
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
) -> u16 {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("localhost:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let behind = relay(&server.url).port;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let mut clear = TcpStream::connect(("127.0.0.1", behind)).await.unwrap();
                let _ = copy_bidirectional(&mut stream, &mut clear).await;
            }
        }
    });
    port
}

#[tokio::test]
async fn a_conversation_is_encrypted_from_the_start_with_a_trusted_server_only() {
    let directory = TempDir::new().unwrap();
    let server = MailServer::start().await.unwrap();
    let (certificate, key) = certificate(directory.path());
    let port = encrypting(&server, certificate.clone(), key).await;
    let address = relay(&format!("smtps://localhost:{port}"));
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let trusting = Smtp {
        protection: Protection::FromTheStart(Encryptor::trusting("localhost", roots).unwrap()),
        relay: address.clone(),
    };

    let conversation = trusting.prepare(&message()).await.unwrap();
    conversation.deliver().await.unwrap();

    assert_eq!(server.letters().len(), 1);
    let refused = Smtp::new(address).unwrap().prepare(&message()).await;
    assert!(
        matches!(&refused, Err(DeliveryError::NotNow(why)) if why == "no encrypted connection to the mail server"),
        "{:?}",
        refused.err()
    );
    assert_eq!(server.letters().len(), 1);
}

/// Fields of `/proc/net/tcp`: the other end, the timer of the socket; and the timer's value for keepalive.
const REMOTE: usize = 2;
const TIMER: usize = 5;
const KEEPALIVE: &str = "02:";

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_system_looks_after_a_conversation_whose_server_is_silent() {
    let server = MailServer::start().await.unwrap();
    server.will(&[Manner::Waits]);
    let relay = relay(&server.url);
    let to_server = format!("0100007F:{:04X}", relay.port);
    let conversation = Smtp::new(relay).unwrap().prepare(&message()).await.unwrap();

    let sockets = std::fs::read_to_string("/proc/self/net/tcp").unwrap();

    // An earlier conversation with a server that had the same port may still be closing.
    let timers: Vec<&str> = sockets
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|fields| fields[REMOTE] == to_server)
        .map(|fields| fields[TIMER])
        .collect();
    assert!(
        timers.iter().any(|timer| timer.starts_with(KEEPALIVE)),
        "{timers:?}"
    );
    drop(conversation);
}
