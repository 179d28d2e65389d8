//! Counting over both engines.

use super::*;
use futures::future::join_all;
use sea_orm::ColumnTrait;
use sea_orm::QueryFilter;
use std::num::NonZeroU32;
use vitrine_base::{
    clock::{Clock, TestClock},
    testing::{Bed, on_both_engines},
};
use vitrine_entity::{ApiKeyId, InstallationOwned, TenantOwned, tenant, usage_day};
use vitrine_redis::Address;
use vitrine_test_support::RedisServer;

on_both_engines!(counts_are_added_up, a_tenant_that_is_gone_spoils_nobodys_count,);

fn limits(minute: u32, day: Option<u32>) -> TrafficLimits {
    TrafficLimits {
        requests_per_minute: NonZeroU32::new(minute).unwrap(),
        requests_per_day: day.and_then(NonZeroU32::new),
    }
}

fn key() -> Payer {
    Payer::Key(ApiKeyId::generate())
}

/// A clock early in a minute, so that the minute does not end by itself.
fn early(clock: &TestClock) {
    let now = clock.now();
    clock.set(now + chrono::TimeDelta::seconds(60 - now.timestamp().rem_euclid(60)));
}

fn alone(bed: &Bed, limits: TrafficLimits) -> Traffic {
    early(&bed.clock);
    Traffic::new(
        bed.database.clone(),
        Arc::new(bed.clock.clone()),
        SharedCounter::Alone,
        limits,
    )
}

fn shared_counter(url: &str, prefix: &str) -> SharedCounter {
    let address = Address::read(url).unwrap();
    let (connection, health_check) = vitrine_redis::Connection::new(&address, prefix).unwrap();
    tokio::spawn(health_check);
    SharedCounter::over_redis(connection, prefix)
}

/// Several processes on one Redis, each with counts of its own.
async fn processes(bed: &Bed, count: usize, minute: u32) -> Vec<Traffic> {
    early(&bed.clock);
    let redis = vitrine_test_support::redis().await.unwrap();
    let process = |_| {
        Traffic::new(
            bed.database.clone(),
            Arc::new(bed.clock.clone()),
            shared_counter(&redis.url, &redis.prefix),
            limits(minute, None),
        )
    };
    (0..count).map(process).collect()
}

async fn requests(bed: &Bed, tenant: TenantId) -> Vec<i64> {
    let rows = usage_day::Entity::of(tenant)
        .all(bed.database.connection())
        .await
        .unwrap();
    rows.into_iter().map(|row| row.feed_requests).collect()
}

#[tokio::test]
async fn a_key_has_its_limit_in_each_minute() {
    let bed = Bed::sqlite().await;
    let traffic = alone(&bed, limits(3, None));
    let (tenant, key) = (TenantId::generate(), key());

    for left in [2, 1, 0] {
        assert_eq!(traffic.take(key, tenant).await.unwrap().remaining, left);
    }
    let over = traffic.take(key, tenant).await.unwrap_err();
    assert_eq!(over.allowance.resets_in_seconds, 60);
    assert!(
        traffic.take(self::key(), tenant).await.is_ok(),
        "another key has its own"
    );

    bed.clock.advance(Duration::from_secs(60));
    assert_eq!(traffic.take(key, tenant).await.unwrap().remaining, 2);
}

#[tokio::test]
async fn several_processes_share_the_limit_exactly_and_ask_seldom() {
    let bed = Bed::sqlite().await;
    let processes = processes(&bed, 3, 500).await;
    let (tenant, key) = (TenantId::generate(), key());

    let visits = (0..900).map(|visit| processes[visit % 3].take(key, tenant));
    let answers = join_all(visits).await;

    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 500);
}

#[tokio::test]
async fn one_process_of_several_can_use_nearly_all_of_the_limit() {
    let bed = Bed::sqlite().await;
    let processes = processes(&bed, 2, 400).await;
    let (tenant, key) = (TenantId::generate(), key());
    processes[1].take(key, tenant).await.unwrap();

    let mut granted = 0;
    while processes[0].take(key, tenant).await.is_ok() {
        granted += 1;
    }

    assert!((300..400).contains(&granted), "{granted}");
}

#[tokio::test]
async fn without_the_ledger_a_process_goes_on_with_a_share() {
    let bed = Bed::sqlite().await;
    early(&bed.clock);
    let redis = RedisServer::start().await.unwrap();
    let traffic = Traffic::new(
        bed.database.clone(),
        Arc::new(bed.clock.clone()),
        shared_counter(&redis.url(), "away"),
        limits(80, None),
    );
    let (tenant, key) = (TenantId::generate(), key());
    traffic.take(key, tenant).await.unwrap();
    redis.kill().await.unwrap();

    let mut granted = 0;
    while traffic.take(key, tenant).await.is_ok() {
        granted += 1;
    }

    assert!((20..=30).contains(&granted), "{granted}");
}

async fn counts_are_added_up(bed: Bed) {
    let traffic = alone(&bed, limits(100, Some(3)));
    let (one, other) = (bed.tenant().await, bed.tenant().await);
    for (payer, tenant) in [(key(), one), (key(), one), (key(), other)] {
        traffic.take(payer, tenant).await.unwrap();
    }
    traffic.flush().await;
    traffic.flush().await;
    assert_eq!(requests(&bed, one).await, [2]);
    assert_eq!(requests(&bed, other).await, [1]);

    let plan = traffic.take(key(), one).await.unwrap().plan.unwrap();
    assert_eq!((plan.limit, plan.remaining), (3, 0));
    let plan = traffic.take(key(), one).await.unwrap().plan.unwrap();
    assert_eq!(plan.remaining, 0, "beyond the plan it goes on");
    traffic.flush().await;
    assert_eq!(requests(&bed, one).await, [4]);

    bed.clock.advance(Duration::from_hours(24));
    assert_eq!(traffic.take(key(), one).await.unwrap().plan.unwrap().remaining, 2);
    traffic.flush().await;
    assert_eq!(requests(&bed, one).await.len(), 2);
}

async fn a_tenant_that_is_gone_spoils_nobodys_count(bed: Bed) {
    let traffic = alone(&bed, limits(100, None));
    let (gone, there) = (bed.tenant().await, bed.tenant().await);
    for tenant in [gone, there] {
        traffic.take(key(), tenant).await.unwrap();
    }
    tenant::Entity::delete_rows()
        .filter(tenant::Column::Id.eq(gone))
        .exec(bed.database.connection())
        .await
        .unwrap();

    traffic.flush().await;

    assert_eq!(requests(&bed, there).await, [1]);
}

#[tokio::test]
async fn what_cannot_be_written_down_is_written_later() {
    let bed = Bed::sqlite().await;
    let traffic = alone(&bed, limits(100, None));
    let tenant = bed.tenant().await;
    traffic.take(key(), tenant).await.unwrap();
    let away = Traffic {
        database: vitrine_base::database::Database::connect(&vitrine_base::database::DatabaseSettings {
            url: "sqlite::memory:".into(),
            max_connections: 1,
            pooler: vitrine_base::database::Pooler::None,
        })
        .await
        .unwrap(),
        ..traffic.clone()
    };

    away.flush().await;
    traffic.flush().await;

    assert_eq!(requests(&bed, tenant).await, [1]);
}
