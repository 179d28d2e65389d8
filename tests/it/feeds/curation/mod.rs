//! What an owner makes of the stored posts: feeds, their filters, and decisions about single posts.

mod again;
mod decisions;
mod filters;
mod held_accounts;
mod lifecycle;
mod limits;
mod names;
mod paging;
mod reasons;
mod refusals;
mod several_accounts;

use crate::support::{Answer, Installation, Owner, connected};
use reqwest::Method;
use serde_json::Value;
use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};
use vitrine_simulator::{NewPost, PostKind};
use vitrine_test_support::wait_until;

/// An owner whose account has a few posts of each kind, and a key.
struct Site<'i> {
    owner: Owner<'i>,
    vitrine: &'i Installation,
    account: String,
    key: String,
    /// Posts so far: each is a second newer than the one before.
    posted: AtomicI64,
}

impl<'i> Site<'i> {
    async fn open(vitrine: &'i Installation) -> Self {
        let (owner, account, _, key) = connected(vitrine).await;
        Self {
            owner,
            vitrine,
            account,
            key,
            posted: AtomicI64::new(0),
        }
    }

    /// Posts on Instagram, the last one newest, and has them synced.
    async fn posts(&self, posts: Vec<NewPost>) {
        for post in posts {
            let number = self.posted.fetch_add(1, Ordering::Relaxed);
            let now = self.vitrine.simulator.clock().now();
            let taken_at = Some(now + chrono::Duration::seconds(number));
            let post = NewPost { taken_at, ..post };
            self.vitrine.simulator.post_media("vitrine.demo", post).unwrap();
        }
        self.owner.syncs(&self.account).await;
    }

    async fn makes(&self, settings: Value) -> String {
        let feed = self.owner.post("/v1/feeds", &settings).await.expect(201);
        feed["id"].as_str().unwrap().to_owned()
    }

    async fn shows(&self, feed: &str) -> Value {
        let path = format!("/v1/feeds/{feed}/photos?limit=100");
        self.vitrine.program(Some(&self.key)).get(&path).await.expect(200)
    }

    /// Captions of what a feed shows, once it shows them so.
    async fn shows_captions(&self, feed: &str, wanted: &[&str]) {
        let mut last = vec![];
        let shown = wait_until(Duration::from_secs(10), async || {
            last = captions(&self.shows(feed).await);
            last == wanted
        });
        assert!(shown.await.is_ok(), "{last:?} instead of {wanted:?}");
    }

    async fn media_id(&self, caption: &str) -> String {
        let path = format!("/v1/accounts/{}/media?limit=100", self.account);
        let media = self.owner.get(&path).await.expect(200);
        let found = media["data"]
            .as_array()
            .unwrap()
            .iter()
            .find(|post| post["caption"] == caption);
        found.unwrap()["id"].as_str().unwrap().to_owned()
    }

    async fn decides(&self, feed: &str, post: &str, decision: Value) -> Answer {
        let path = format!("/v1/feeds/{feed}/items/{post}");
        let request = self.owner.request(Method::PUT, &path).json(&decision);
        Answer::of(request.send().await.unwrap()).await
    }
}

fn captions(feed: &Value) -> Vec<String> {
    let photos = feed["data"].as_array().unwrap().iter();
    photos
        .map(|photo| photo["caption"].as_str().unwrap_or_default().to_owned())
        .collect()
}

fn picture(caption: &str) -> NewPost {
    NewPost::captioned(caption)
}

fn of_kind(kind: PostKind, caption: &str) -> NewPost {
    NewPost {
        kind,
        ..picture(caption)
    }
}
