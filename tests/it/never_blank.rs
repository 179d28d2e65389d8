//! Whatever is down, the last good photos are served.

use crate::support::{Engines, Installation, Plan};
use serde_json::{Value, json};
use std::time::Duration;
use vitrine_simulator::{FaultAction, FaultRule};
use vitrine_test_support::{PostgresServer, RedisServer, wait_until};

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

/// Copies are looked at again after five seconds; reads go on for longer than that.
async fn read_for_a_while(vitrine: &Installation, path: &str, key: &str, photos: &Value) {
    let mut reads = 0;
    let looked_again = wait_until(Duration::from_secs(7), async || {
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
    read_for_a_while(&servers.vitrine, &path, &key, &photos).await;
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

#[tokio::test]
async fn redis_may_be_away_and_come_back_empty() {
    let servers = Stoppable::start().await;
    let (account, path, key, photos) = servers.shown().await;
    let mut owner = servers.vitrine.owner("grace").await;
    owner.email = "ada@example.com".into();
    owner.signs_in_again().await;

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

    servers
        .vitrine
        .simulator
        .set_faults(vec![FaultRule::always(FaultAction::Hang)]);
    servers.vitrine.advance(Duration::from_hours(3)).await;

    read_for_a_while(&servers.vitrine, &path, &key, &photos).await;
}
