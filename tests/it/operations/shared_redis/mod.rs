//! The Redis that processes share: moved, silent, refusing, absent, and with as few rights as suffice.

mod absent;
mod allowed;
mod moved;
mod refusing;

use crate::support::{Engines, Installation, Plan};
use std::time::Duration;
use vitrine_test_support::{RedisServer, TcpProxy, wait_until};

/// Within this time everything works again that can.
const BAR: Duration = Duration::from_secs(30);

/// What keys begin with in these tests.
const PREFIX: &str = "site";

/// An installation over this address, with so many workers.
fn plan(url: impl Into<String>, workers: usize) -> Plan {
    let plan = Plan {
        workers,
        ..Plan::on(Engines::Distributed)
    };
    plan.with("VITRINE_REDIS__URL", url)
        .with("VITRINE_REDIS__PREFIX", PREFIX)
}

/// The address of a server behind a proxy.
fn behind(proxy: &TcpProxy, server: &RedisServer) -> String {
    format!("redis://:{}@127.0.0.1:{}/", server.password(), proxy.port())
}

/// Waits until the API says that every part works.
async fn is_ready(vitrine: &Installation) {
    let ready = wait_until(BAR, async || vitrine.get("/readyz").await.status == 200).await;
    assert!(ready.is_ok(), "{}", vitrine.log());
}

/// Keys of the server that match.
async fn keys(server: &RedisServer, pattern: &str) -> Vec<String> {
    let client = redis::Client::open(server.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    redis::cmd("KEYS")
        .arg(pattern)
        .query_async(&mut connection)
        .await
        .unwrap()
}
