//! Answers in each encoding.

use super::{ask, shown};
use crate::support::{Engines, Installation, on_both_pairs};
use reqwest::header;
use std::{collections::HashSet, io::Read};

on_both_pairs!(each_encoding_has_its_own_bytes_and_tag);

fn unpacked(encoding: &str, bytes: &[u8]) -> Vec<u8> {
    let mut plain = vec![];
    match encoding {
        "br" => brotli::Decompressor::new(bytes, 4_096)
            .read_to_end(&mut plain)
            .unwrap(),
        "gzip" => flate2::read::GzDecoder::new(bytes)
            .read_to_end(&mut plain)
            .unwrap(),
        "zstd" => {
            plain = zstd::decode_all(bytes).unwrap();
            plain.len()
        }
        _ => {
            plain = bytes.to_vec();
            plain.len()
        }
    };
    plain
}

async fn each_encoding_has_its_own_bytes_and_tag(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (path, key) = shown(&vitrine).await;
    let path = format!("{path}&key={key}");
    let mut tags = HashSet::new();
    let (_, _, plain) = ask(&vitrine, &path, &[(header::ACCEPT_ENCODING, "identity")]).await;

    for (accepted, encoding) in [
        ("identity", ""),
        ("gzip", "gzip"),
        ("zstd", "zstd"),
        ("gzip, deflate, br, zstd", "br"),
    ] {
        let (headers, status, bytes) = ask(&vitrine, &path, &[(header::ACCEPT_ENCODING, accepted)]).await;
        assert_eq!(status, 200);
        let sent = headers
            .get(header::CONTENT_ENCODING)
            .map_or("", |value| value.to_str().unwrap());
        assert_eq!(sent, encoding);
        assert_eq!(unpacked(encoding, &bytes), plain, "{accepted}");
        assert!(
            encoding.is_empty() || bytes.len() * 3 < plain.len(),
            "{accepted}: {}",
            bytes.len()
        );
        let tag = headers[header::ETAG].to_str().unwrap().to_owned();
        let again = [
            (header::ACCEPT_ENCODING, accepted),
            (header::IF_NONE_MATCH, &*tag),
        ];
        let (headers, status, bytes) = ask(&vitrine, &path, &again).await;
        assert_eq!((status, bytes.len()), (304, 0), "{accepted}");
        assert_eq!(headers[header::ETAG], *tag);
        assert!(headers.get(header::CONTENT_ENCODING).is_none());
        tags.insert(tag);
    }

    assert_eq!(tags.len(), 4, "{tags:?}");
    let refused = [(header::ACCEPT_ENCODING, "identity;q=0")];
    assert_eq!(ask(&vitrine, &path, &refused).await.1, 406);
}
