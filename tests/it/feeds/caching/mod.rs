//! What caches, browsers and crowds get: encodings, tags, limits, and one reading for all.

mod crowd;
mod encodings;
mod headers;
mod keys;
mod limits;
mod processes;
mod usage;

use crate::support::{Installation, connected};
use reqwest::header::{self, HeaderMap};

/// An address with photos behind it, and the key for it.
async fn shown(vitrine: &Installation) -> (String, String) {
    let (_, _, feed, key) = connected(vitrine).await;
    (format!("/v1/feeds/{feed}/photos?limit=12"), key)
}

fn unpacking_nothing() -> reqwest::Client {
    reqwest::Client::builder().no_gzip().build().unwrap()
}

async fn ask(
    vitrine: &Installation,
    path: &str,
    headers: &[(header::HeaderName, &str)],
) -> (HeaderMap, u16, Vec<u8>) {
    let request = unpacking_nothing().get(format!("{}{path}", vitrine.address));
    let request = headers
        .iter()
        .fold(request, |request, (name, value)| request.header(name, *value));
    let response = request.send().await.unwrap();
    let (headers, status) = (response.headers().clone(), response.status().as_u16());
    (headers, status, response.bytes().await.unwrap().to_vec())
}
