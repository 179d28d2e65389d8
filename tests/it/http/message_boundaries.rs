//! Where one request ends and the next begins: what servers could read in two ways is read in none.

use crate::support::{Engines, Installation, on_both_pairs};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

on_both_pairs!(what_could_be_read_in_two_ways_is_refused_and_nothing_after_it);

/// Requests whose length others could understand otherwise (RFC 9112, sections 6.3 and 11.2).
const DOUBTFUL: [(&str, &str); 6] = [
    (
        "both lengths",
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ),
    ("two lengths", "Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}"),
    ("two lengths in one", "Content-Length: 2, 40\r\n\r\n{}"),
    ("a signed length", "Content-Length: +2\r\n\r\n{}"),
    ("an unknown coding", "Transfer-Encoding: xchunked\r\n\r\n{}"),
    (
        "no number",
        "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    ),
];

/// What a proxy that reads the first request otherwise could be led to let through.
const HIDDEN: &str = "GET /v1/openapi.json HTTP/1.1\r\nHost: hidden\r\n\r\n";

/// Everything that the server says until it ends the connection.
async fn answers_to(vitrine: &Installation, text: &str) -> String {
    let address = vitrine.address.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut said = Vec::new();
    // A connection that is reset has said everything too.
    let _end_or_reset = stream.read_to_end(&mut said).await;
    String::from_utf8_lossy(&said).into_owned()
}

async fn what_could_be_read_in_two_ways_is_refused_and_nothing_after_it(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let head = "POST /v1/auth/login HTTP/1.1\r\nHost: vitrine\r\nContent-Type: application/json\r\n";
    let plain = answers_to(
        &vitrine,
        &format!(
            "{head}Content-Length: 2\r\n\r\n{{}}{}",
            HIDDEN.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")
        ),
    )
    .await;
    assert_eq!(plain.matches("HTTP/1.1 ").count(), 2, "{plain}");
    assert!(plain.starts_with("HTTP/1.1 422 "), "{plain}");

    for (what, rest) in DOUBTFUL {
        let said = answers_to(&vitrine, &format!("{head}{rest}{HIDDEN}")).await;

        // The end of the connection may come before the answer, because not all was read.
        let refused = said.starts_with("HTTP/1.1 400 ") || said.is_empty();
        assert!(
            refused && said.matches("HTTP/1.1 ").count() <= 1,
            "{what}: {said}"
        );
    }
}
