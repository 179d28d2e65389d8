//! Answers looked at closely, so that servers are compared only where they say the same.

use crate::feed::{child::Server, installation::fill::Site};
use anyhow::{Context, ensure};
use bytes::Bytes;
use reqwest::{
    Client, StatusCode,
    header::{CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap},
};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tokio::task::JoinSet;

/// Readers at once where speed is not what is measured.
const READERS: usize = 32;

/// One answer.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) content_type: String,
    /// Empty when the body is not encoded.
    pub(crate) encoding: String,
    pub(crate) etag: String,
    pub(crate) body: Bytes,
}

impl Answer {
    /// Asks once, with these headers (`name: value`).
    pub(crate) async fn read(address: &str, headers: &[&str]) -> anyhow::Result<Self> {
        let mut request = client()?.get(address);
        for header in headers {
            let (name, value) = header.split_once(": ").context("a header without a value")?;
            request = request.header(name, value);
        }
        let answer = request.send().await?;
        let told = answer.headers();
        Ok(Self {
            status: answer.status(),
            content_type: text(told, &CONTENT_TYPE),
            encoding: text(told, &CONTENT_ENCODING),
            etag: text(told, &ETAG),
            body: answer.bytes().await?,
        })
    }

    /// Fails unless the other one is the same to a reader.
    pub(crate) fn is_same_as(&self, other: &Self, who: &str) -> anyhow::Result<()> {
        ensure!(self.body == other.body, "{who} answers other bytes");
        ensure!(
            self.content_type == other.content_type,
            "{who} answers {:?}, not {:?}",
            other.content_type,
            self.content_type
        );
        Ok(())
    }

    /// Ids of the photos, in order.
    pub(crate) fn photos(&self) -> anyhow::Result<Vec<String>> {
        let page: serde_json::Value = serde_json::from_slice(&self.body)?;
        let photos = page["data"].as_array().context("no data")?;
        let ids = photos.iter().map(|photo| photo["id"].as_str().map(str::to_owned));
        ids.collect::<Option<_>>().context("no ids")
    }
}

fn client() -> reqwest::Result<Client> {
    // Without its own asking for compressed answers.
    Client::builder().no_proxy().no_gzip().build()
}

fn text(headers: &HeaderMap, name: impl reqwest::header::AsHeaderName) -> String {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default().to_owned()
}

/// Reads every site's feed once, packed as `encoding` says; gives the bytes of all bodies.
pub(crate) async fn read_all(
    server: &Server,
    sites: &[Site],
    encoding: &'static str,
) -> anyhow::Result<usize> {
    let addresses: Arc<[String]> = sites.iter().map(|site| server.at(&site.path())).collect();
    let (next, client) = (Arc::new(AtomicUsize::new(0)), client()?);
    let mut readers = JoinSet::new();
    for _ in 0..READERS {
        let (addresses, next, client) = (addresses.clone(), next.clone(), client.clone());
        readers.spawn(async move {
            let mut bytes = 0;
            while let Some(address) = addresses.get(next.fetch_add(1, Ordering::Relaxed)) {
                let answer = client
                    .get(address)
                    .header(reqwest::header::ACCEPT_ENCODING, encoding)
                    .send()
                    .await?
                    .error_for_status()?;
                bytes += answer.bytes().await?.len();
            }
            anyhow::Ok(bytes)
        });
    }
    readers.join_all().await.into_iter().sum()
}
