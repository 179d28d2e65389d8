//! Redis behind TLS, with a certificate of an authority of our own.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use vitrine_queue::Outcome;
use vitrine_redis::Address;
use vitrine_test_support::{RedisServer, free_port};

use crate::bed::Bed;

/// Set in the process that trusts the authority: which ones are trusted is decided by the environment.
const ADDRESS: &str = "VITRINE_QUEUE_TEST_TLS_ADDRESS";

const NAME: &str = "tls::a_server_is_trusted_by_its_certificate";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_is_trusted_by_its_certificate() {
    if let Ok(address) = std::env::var(ADDRESS) {
        return work_over(&address).await;
    }
    let directory = std::env::temp_dir().join(format!("vitrine-tls-{}", std::process::id()));
    std::fs::create_dir(&directory).unwrap();
    let files = certificates(&directory);
    let (alone, port) = serve(&files, &[]).await;
    // Else it is the port and 10,000, which outgoing connections may have.
    let bus = free_port().unwrap().to_string();
    let in_cluster = [
        ["--cluster-enabled", "yes"],
        ["--tls-cluster", "yes"],
        ["--cluster-port", &bus],
    ];
    let (clustered, node) = serve(&files, in_cluster.as_flattened()).await;
    let mut redis = crate::redis_only::connection(&clustered.url()).await;
    let slots = redis::cmd("CLUSTER")
        .arg(&["ADDSLOTSRANGE", "0", "16383"])
        .to_owned();
    slots.exec_async(&mut redis).await.unwrap();

    for address in [
        format!("rediss://:{}@localhost:{port}", alone.password()),
        format!("rediss+cluster://:{}@localhost:{node}", clustered.password()),
    ] {
        refuse_untrusted(&address).await;
        trust(&files.authority, &address);
    }
    std::fs::remove_dir_all(&directory).unwrap();
}

fn trust(authority: &str, address: &str) {
    let trusting = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", NAME])
        .env("SSL_CERT_FILE", authority)
        .env(ADDRESS, address)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&trusting.stdout);
    assert!(trusting.status.success() && said.contains("1 passed"), "{said}");
}

async fn work_over(address: &str) {
    let bed = Bed::at(address, "p");
    let mut running = bed.run(|_| Outcome::Done);
    for number in 0..20 {
        bed.push(&number.to_string()).await;
        assert_eq!(running.next().await.id.as_str(), number.to_string());
    }
    bed.until(|stats| stats == Default::default()).await;
    running.stop().await;
}

/// Clear words, and workers that live on.
async fn refuse_untrusted(address: &str) {
    let bed = Bed::at(address, "p");
    let running = bed.run(|_| Outcome::Done);
    bed.queue.push(&[bed.job("refused")]).await.unwrap_err();
    let trouble = vitrine_redis::trouble(&Address::read(address).unwrap()).await;
    let cause = trouble.unwrap().to_string();
    assert!(cause.contains("certificate"), "{cause}");
    assert!(!running.has_ended());
    running.stop().await;
}

struct Files {
    authority: String,
    certificate: String,
    key: String,
}

/// A server with further options, and where it takes encrypted connections.
async fn serve(files: &Files, more: &[&str]) -> (RedisServer, u16) {
    let port = free_port().unwrap();
    let text = port.to_string();
    let options = [
        ["--tls-port", &text],
        ["--tls-cert-file", &files.certificate],
        ["--tls-key-file", &files.key],
        ["--tls-ca-cert-file", &files.authority],
        ["--tls-auth-clients", "no"],
    ];
    let options = [options.as_flattened(), more].concat();
    (RedisServer::start_with(&options).await.unwrap(), port)
}

fn certificates(directory: &Path) -> Files {
    let file = |name: &str| directory.join(name).to_str().unwrap().to_owned();
    let (authority, authority_key) = (file("ca.pem"), file("ca.key"));
    let (certificate, key) = (file("server.pem"), file("server.key"));
    let made = [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
    ];
    let of_authority = [
        "-subj",
        "/CN=Tests",
        "-addext",
        "keyUsage=critical,keyCertSign",
        "-keyout",
        &authority_key,
    ];
    openssl(&[&made[..], &of_authority, &["-out", &authority]].concat());
    let of_server = [
        "-subj",
        "/CN=localhost",
        "-addext",
        "subjectAltName=DNS:localhost",
        "-addext",
        "basicConstraints=critical,CA:FALSE",
    ];
    let signed = [
        "-CA",
        &authority,
        "-CAkey",
        &authority_key,
        "-keyout",
        &key,
        "-out",
        &certificate,
    ];
    openssl(&[&made[..], &of_server, &signed].concat());
    Files {
        authority,
        certificate,
        key,
    }
}

fn openssl(arguments: &[&str]) {
    let made = Command::new("openssl")
        .args(arguments)
        .stdout(Stdio::null())
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}
