//! A failover, and a network that forgets the connections of before.

use super::{BAR, PREFIX, behind, is_ready, keys, plan};
use crate::support::{Installation, Owner, connected};
use serde_json::json;
use std::time::{Duration, Instant};
use vitrine_test_support::{RedisServer, TcpProxy, wait_until};

/// What each user of Redis writes, and how soon: budgets, sign-in counts, key limits. A process that counted a key's
/// requests alone goes on to the end of the minute.
const WRITTEN: [(&str, Duration); 3] = [
    (":budget}:", BAR),
    (":signin:", BAR),
    (":traffic:", Duration::from_secs(65)),
];

/// Lets everybody who uses Redis use it once more.
async fn use_everything(owner: &Owner<'_>, vitrine: &Installation, account: &str, feed: &str, key: &str) {
    let login = json!({"email": "nobody@example.com", "password": "wrong"});
    let refused = vitrine.post("/v1/auth/login", &login).await.status.as_u16();
    assert!([401, 429].contains(&refused), "{refused}");
    let page = vitrine.program(Some(key));
    page.get(&format!("/v1/feeds/{feed}/photos")).await.expect(200);
    owner
        .post(&format!("/v1/accounts/{account}/sync"), &json!({}))
        .await;
}

/// The address moves to another server, and the old one lives on as its replica.
#[tokio::test]
async fn everybody_follows_a_failover() {
    let old = RedisServer::start().await.unwrap();
    let new = RedisServer::start_as(old.password(), &[]).await.unwrap();
    let proxy = TcpProxy::to(old.port()).await.unwrap();
    // However often it is tried, no budget is spent.
    let plan = plan(behind(&proxy, &old), 1).with("VITRINE_INSTAGRAM__CALLS_PER_HOUR", "100000");
    let vitrine = Installation::start_as(plan).await;
    let (owner, account, feed, key) = connected(&vitrine).await;

    proxy.lead_to(new.port());
    old.command(&format!("REPLICAOF 127.0.0.1 {}", new.port()))
        .await
        .unwrap();

    for (part, soon) in WRITTEN {
        let followed = wait_until(soon, async || {
            use_everything(&owner, &vitrine, &account, &feed, &key).await;
            let found = keys(&new, "*").await;
            found.iter().any(|key| key.contains(part))
        });
        assert!(followed.await.is_ok(), "never written: {part}\n{}", vitrine.log());
    }
    is_ready(&vitrine).await;
    assert_eq!(owner.syncs(&account).await["status"], "succeeded");
    assert!(keys(&new, "*").await.iter().all(|key| key.contains(PREFIX)));
}

/// Packets of existing connections are lost without a word; new connections work.
#[tokio::test]
async fn connections_that_fell_silent_are_replaced() {
    let redis = RedisServer::start().await.unwrap();
    let proxy = TcpProxy::to(redis.port()).await.unwrap();
    let vitrine = Installation::start_as(plan(behind(&proxy, &redis), 1)).await;
    let (owner, account, _, _) = connected(&vitrine).await;
    assert_eq!(owner.syncs(&account).await["status"], "succeeded");

    proxy.silence();

    let since = Instant::now();
    let path = format!("/v1/accounts/{account}/sync");
    let job = owner.post(&path, &json!({})).await.expect(202);
    is_ready(&vitrine).await;
    // Nobody knows whether the push arrived; the schedule finds the job after a minute.
    vitrine.advance(Duration::from_mins(2)).await;
    let job = owner.finished(job["job"]["id"].as_str().unwrap()).await;
    assert_eq!(job["status"], "succeeded", "{job}");
    assert!(since.elapsed() < BAR, "{:?}", since.elapsed());
}
