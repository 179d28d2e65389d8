//! Whatever is down, the last good photos are served: each promise of `docs/GUARANTEES.md`, with its plug pulled.

use crate::support::{Engines, Held, Installation, Owner, Plan, connected, on_both_pairs};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use vitrine_simulator::{CallFilter, FaultAction, FaultRule, NewPost, Revocation};
use vitrine_test_support::{PostgresServer, RedisServer, wait_until};

on_both_pairs!(
    the_token_may_be_dead,
    the_budget_may_be_spent,
    the_plan_may_be_used_up,
    a_restart_needs_no_instagram,
);

/// An installation on servers of its own, so that they can be stopped.
struct Stoppable {
    vitrine: Installation,
    postgres: PostgresServer,
    redis: RedisServer,
}

impl Stoppable {
    async fn start() -> Self {
        let (postgres, redis) = (
            PostgresServer::start().await.unwrap(),
            RedisServer::start().await.unwrap(),
        );
        let plan = Plan::on(Engines::Distributed)
            .with("VITRINE_DATABASE__URL", postgres.create_database().await.unwrap())
            .with("VITRINE_REDIS__URL", redis.url());
        Self {
            vitrine: Installation::start_as(plan).await,
            postgres,
            redis,
        }
    }

    /// Connects an account and gives its id, and path and key of a feed that was read once.
    async fn shown(&self) -> (String, String, String, Value) {
        let owner = self.vitrine.owner("ada").await;
        let account = owner.connects("vitrine.demo").await;
        let (feed, key) = (
            owner.default_feed().await,
            owner.makes_key("publishable", &[]).await,
        );
        let photos = owner
            .photos_that(&feed, &key, |feed| feed["data"].as_array().unwrap().len() >= 12)
            .await;
        (account, format!("/v1/feeds/{feed}/photos?limit=100"), key, photos)
    }
}

/// Copies are looked at again after twenty seconds; reads go on for longer than that.
async fn read_for_a_while(vitrine: &Installation, path: &str, key: &str, photos: &Value) {
    let mut reads = 0;
    let looked_again = wait_until(Duration::from_secs(22), async || {
        assert_eq!(&vitrine.program(Some(key)).get(path).await.expect(200), photos);
        reads += 1;
        false
    });
    assert!(looked_again.await.is_err() && reads > 3);
}

#[tokio::test]
async fn the_database_may_be_away() {
    let servers = Stoppable::start().await;
    let (_, path, key, photos) = servers.shown().await;

    servers.postgres.kill().await.unwrap();
    servers.vitrine.advance(Duration::from_mins(30)).await;
    read_for_a_while(&servers.vitrine, &path, &key, &photos).await;
    every_page_can_be_read(&servers.vitrine, &path, &key, &photos).await;
    every_form_can_be_read(&servers.vitrine, &path, &key).await;
    let shown = servers.vitrine.program(Some(&key)).get(&path).await;
    let age: u64 = shown.header("age").parse().unwrap();
    assert!(age >= 30 * 60, "the copy is half an hour old, not {age} seconds");
    // Copies that nobody could look at for longer than they are shown without a look.
    tokio::time::sleep(Duration::from_secs(31)).await;
    read_for_a_while(&servers.vitrine, &path, &key, &photos).await;
    every_form_can_be_read(&servers.vitrine, &path, &key).await;
    assert_eq!(servers.vitrine.get("/readyz").await.status, 503);
    assert_eq!(servers.vitrine.get("/healthz").await.status, 200);

    servers.postgres.restart().await.unwrap();
    wait_until(Duration::from_secs(20), async || {
        servers.vitrine.get("/readyz").await.status == 200
    })
    .await
    .unwrap();
    assert_eq!(
        servers.vitrine.program(Some(&key)).get(&path).await.expect(200),
        photos
    );
}

/// Also forms and types that nobody asked for before.
async fn every_form_can_be_read(vitrine: &Installation, path: &str, key: &str) {
    let (page, feed) = (vitrine.program(Some(key)), path.split('/').nth(3).unwrap());
    for path in [
        format!("/v1/feeds/{feed}/photos?type=IMAGE"),
        format!("/v1/feeds/{feed}/feed.json"),
        format!("/v1/feeds/{feed}/feed.rss?type=IMAGE&limit=3"),
        format!("/v1/feeds/{feed}/feed.atom"),
        format!("/compat/behold/{feed}"),
        format!("/graph/me/media?feed={feed}&fields=id,permalink"),
    ] {
        let answer = page.get(&path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        assert!(
            answer.text.contains("instagram.com/p/"),
            "{path}: {}",
            answer.text
        );
    }
}

/// Also pages that nobody asked for before.
async fn every_page_can_be_read(vitrine: &Installation, path: &str, key: &str, photos: &Value) {
    let (page, whole) = (vitrine.program(Some(key)), photos["data"].as_array().unwrap());
    let (mut read, mut cursor) = (vec![], String::new());
    loop {
        let path = format!("{}{cursor}", path.replace("limit=100", "limit=7"));
        let answer = page.get(&path).await.expect(200);
        read.extend(answer["data"].as_array().unwrap().clone());
        match answer["page"]["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(&read, whole);
}

/// Without a name the main feed is meant, which is remembered as well.
#[tokio::test]
async fn the_database_may_be_away_for_instagrams_scripts_too() {
    let servers = Stoppable::start().await;
    let (_, _, key, _) = servers.shown().await;
    let path = "/graph/me/media?fields=id,media_url&limit=100";
    let media = servers.vitrine.program(Some(&key)).get(path).await.expect(200);

    servers.postgres.kill().await.unwrap();

    read_for_a_while(&servers.vitrine, path, &key, &media).await;
    assert_eq!(servers.vitrine.get("/readyz").await.status, 503);
}

/// The videos of a feed whose newest posts, which are all that it holds as a whole, are pictures.
async fn only_old_videos(servers: &Stoppable, account: &str) -> String {
    let owner = Owner::signs_in(&servers.vitrine, "ada@example.com").await;
    for number in 0..30 {
        let post = NewPost::captioned(format!("picture {number}"));
        servers
            .vitrine
            .simulator
            .post_media("vitrine.demo", post)
            .unwrap();
    }
    owner.syncs(account).await;
    let feed = json!({"name": "two", "media_types": ["IMAGE", "VIDEO"], "limit": 2});
    let feed = owner.post("/v1/feeds", &feed).await.expect(201);
    format!("/v1/feeds/{}/photos?type=VIDEO", feed["id"].as_str().unwrap())
}

/// It neither answers nor refuses.
#[tokio::test]
async fn the_database_may_hang() {
    let servers = Stoppable::start().await;
    let (account, path, key, _) = servers.shown().await;
    let graph = "/graph/me/media?fields=id,permalink&limit=100";
    let page = servers.vitrine.program(Some(&key));
    page.get(graph).await.expect(200);
    let videos = only_old_videos(&servers, &account).await;
    let shown = page.get(&videos).await.expect(200);
    page.get(videos.split('?').next().unwrap()).await.expect(200);
    assert_eq!(shown["data"].as_array().unwrap().len(), 2);

    let photos = page.get(&path).await.expect(200);
    let held = Held::from_readers(&servers.vitrine, "feed, media, api_key, feed_account, account").await;
    let since = Instant::now();
    every_form_can_be_read(&servers.vitrine, &path, &key).await;
    every_page_can_be_read(&servers.vitrine, &path, &key, &photos).await;
    assert!(since.elapsed() < Duration::from_secs(10), "{:?}", since.elapsed());
    // Copies that nobody could look at for longer than they are shown without a look.
    tokio::time::sleep(Duration::from_secs(31)).await;
    assert_eq!(
        page.get(&videos).await.expect(200),
        shown,
        "not what the whole feed holds"
    );
    for path in [path.as_str(), graph] {
        let since = Instant::now();
        page.get(path).await.expect(200);
        assert!(
            since.elapsed() < Duration::from_millis(1_500),
            "{:?}",
            since.elapsed()
        );
        let since = Instant::now();
        page.get(path).await.expect(200);
        assert!(since.elapsed() < Duration::from_millis(250), "waited for again");
    }

    held.release().await;
    read_for_a_while(&servers.vitrine, &path, &key, &photos).await;
}

#[tokio::test]
async fn redis_may_be_away_and_come_back_empty() {
    let servers = Stoppable::start().await;
    let (account, path, key, photos) = servers.shown().await;
    let owner = Owner::signs_in(&servers.vitrine, "ada@example.com").await;

    servers.redis.kill().await.unwrap();
    read_for_a_while(&servers.vitrine, &path, &key, &photos).await;
    let asked = owner
        .post(&format!("/v1/accounts/{account}/sync"), &json!({}))
        .await
        .expect(202);
    assert_eq!(owner.account(&account).await["status"], "active");

    servers.redis.restart_empty().await.unwrap();
    servers.vitrine.advance(Duration::from_mins(2)).await;
    let job = owner.finished(asked["job"]["id"].as_str().unwrap()).await;
    assert_eq!(job["status"], "succeeded", "{job}");
}

#[tokio::test]
async fn instagram_may_be_away() {
    let servers = Stoppable::start().await;
    let (_, path, key, photos) = servers.shown().await;

    for fault in [
        FaultAction::BadGateway,
        FaultAction::HalfAnswer,
        FaultAction::Hang,
    ] {
        let simulator = &servers.vitrine.simulator;
        simulator.set_faults(vec![FaultRule::always(fault.clone())]);
        simulator.clear_calls();
        servers.vitrine.advance(Duration::from_hours(3)).await;
        read_for_a_while(&servers.vitrine, &path, &key, &photos).await;
        let tried = simulator.calls(&CallFilter::default()).total;
        assert!(tried > 0, "nothing asked an Instagram that answers {fault:?}");
    }
}

async fn the_token_may_be_dead(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (owner, account, feed, key) = connected(&vitrine).await;
    let photos = owner.photos_that(&feed, &key, |_| true).await;

    vitrine
        .simulator
        .revoke("vitrine.demo", Revocation::PasswordChanged)
        .unwrap();
    owner
        .post(&format!("/v1/accounts/{account}/sync"), &json!({}))
        .await
        .expect(202);
    owner
        .account_that(&account, |account| account["status"] == "needs_reconnect")
        .await;

    assert_eq!(owner.photos_that(&feed, &key, |_| true).await, photos);
    vitrine.advance(Duration::from_hours(40 * 24)).await;
    assert_eq!(owner.photos_that(&feed, &key, |_| true).await, photos);
}

async fn the_budget_may_be_spent(engines: Engines) {
    let plan = Plan::on(engines).with("VITRINE_INSTAGRAM__CALLS_PER_HOUR", "10");
    let vitrine = Installation::start_as(plan).await;
    let (owner, account, feed, key) = connected(&vitrine).await;
    let photos = owner.photos_that(&feed, &key, |_| true).await;

    for call in 1.. {
        assert!(call <= 10, "ten calls were not spent");
        let asked = owner
            .post(&format!("/v1/accounts/{account}/sync"), &json!({}))
            .await;
        let job = asked.expect(202)["job"]["id"].as_str().unwrap().to_owned();
        let mut status = Value::Null;
        let ended = wait_until(Duration::from_secs(10), async || {
            status = owner.get(&format!("/v1/jobs/{job}")).await.expect(200)["status"].clone();
            status == "succeeded" || status == "deferred"
        });
        ended.await.unwrap();
        if status == "deferred" {
            break;
        }
    }

    let path = format!("/v1/feeds/{feed}/photos?limit=100");
    read_for_a_while(&vitrine, &path, &key, &photos).await;
}

async fn the_plan_may_be_used_up(engines: Engines) {
    let plan = Plan::on(engines).with("VITRINE_FEEDS__REQUESTS_PER_DAY", "3");
    let vitrine = Installation::start_as(plan).await;
    let (owner, _, feed, key) = connected(&vitrine).await;
    let photos = owner.photos_that(&feed, &key, |_| true).await;
    let (page, path) = (
        vitrine.program(Some(&key)),
        format!("/v1/feeds/{feed}/photos?limit=100"),
    );

    for _ in 0..10 {
        assert_eq!(page.get(&path).await.expect(200), photos);
    }
    let beyond = page.get(&path).await;
    assert!(beyond.header("ratelimit").contains("\"plan\";r=0;"), "{beyond:?}");
    assert!(
        beyond.header("cache-control").contains("max-age=3600"),
        "{beyond:?}"
    );
}

async fn a_restart_needs_no_instagram(engines: Engines) {
    let mut vitrine = Installation::start(engines).await;
    let (owner, _, feed, key) = connected(&vitrine).await;
    let photos = owner.photos_that(&feed, &key, |_| true).await;

    vitrine
        .simulator
        .set_faults(vec![FaultRule::always(FaultAction::Hang)]);
    vitrine.crash().await;

    let path = format!("/v1/feeds/{feed}/photos?limit=100");
    assert_eq!(vitrine.program(Some(&key)).get(&path).await.expect(200), photos);
}
