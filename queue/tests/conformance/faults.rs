//! Redis gone, stalled, or written to by somebody else.

use std::{collections::HashSet, time::Duration};

use tokio::sync::mpsc;
use vitrine_queue::{ClassWorker, Delivery, Outcome};
use vitrine_test_support::RedisServer;

use crate::bed::{Bed, PATIENCE};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_live_through_a_redis_that_dies_and_comes_back_empty() {
    let server = RedisServer::start().await.unwrap();
    let bed = Bed::at(&server.url(), "p");
    let (started, mut starts) = mpsc::unbounded_channel();
    let worker = bed.worker(move |delivery: Delivery| {
        started.send(delivery.clone()).unwrap();
        async move {
            if delivery.id.as_str() == "long" {
                delivery.lease_lost.cancelled().await;
            }
            Outcome::Done
        }
    });
    let running = bed.start(ClassWorker {
        lease: Duration::from_secs(1),
        ..worker
    });
    bed.push("long").await;
    assert_eq!(starts.recv().await.unwrap().id.as_str(), "long");

    server.kill().await.unwrap();
    let away = vitrine_test_support::wait_until(PATIENCE, async || bed.queue.ping().await.is_err()).await;
    assert!(away.is_ok());
    server.restart_empty().await.unwrap();

    let back = vitrine_test_support::wait_until(PATIENCE, async || {
        bed.queue.push(&[bed.job("after")]).await.is_ok()
    });
    back.await.unwrap();
    let after = tokio::time::timeout(PATIENCE, starts.recv())
        .await
        .unwrap()
        .unwrap();
    assert_eq!((after.id.as_str(), after.attempt), ("after", 1));
    bed.until(|stats| stats == Default::default()).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stall_of_three_seconds_neither_loses_nor_repeats_a_job() {
    let server = RedisServer::start().await.unwrap();
    let bed = Bed::at(&server.url(), "p");
    bed.push_many(2_000).await;
    let mut running = bed.run_with(
        |worker| ClassWorker {
            concurrency: 10,
            ..worker
        },
        |_| Outcome::Done,
    );
    let mut ids: HashSet<_> = running.ids(100).await.into_iter().collect();

    server.pause(Duration::from_secs(3)).await.unwrap();

    ids.extend(running.ids(1_900).await);
    assert_eq!(ids.len(), 2_000);
    bed.until(|stats| stats == Default::default()).await;
    assert!(running.stop().await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_that_end_while_redis_does_not_answer_are_settled_afterwards() {
    let server = RedisServer::start().await.unwrap();
    let bed = Bed::at(&server.url(), "p");
    let (gate, opened) = tokio::sync::watch::channel(false);
    let worker = bed.worker(move |_| {
        let mut opened = opened.clone();
        async move {
            opened.wait_for(|open| *open).await.unwrap();
            Outcome::Done
        }
    });
    let running = bed.start(ClassWorker {
        concurrency: 5,
        ..worker
    });
    bed.push_many(5).await;
    bed.until(|stats| stats.leased == 5).await;

    // Longer than the answer to a settlement is waited for.
    server.pause(Duration::from_secs(6)).await.unwrap();
    gate.send(true).unwrap();

    let settled = vitrine_test_support::wait_until(PATIENCE, async || {
        bed.queue
            .stats(&bed.class)
            .await
            .is_ok_and(|stats| stats == Default::default())
    });
    settled.await.unwrap();
    running.stop().await;
}

async fn connection(url: &str) -> redis::aio::MultiplexedConnection {
    redis::Client::open(url)
        .unwrap()
        .get_multiplexed_async_connection()
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn foreign_keys_are_set_aside_and_workers_go_on() {
    let server = RedisServer::start().await.unwrap();
    let bed = Bed::at(&server.url(), "p");
    let mut redis = connection(&server.url()).await;
    for part in ["data", "ring", "delayed", "leases", "dead", "dead-at", "g:group"] {
        let key = format!("{{p:class}}:1:{part}");
        let mut running = bed.run_with(
            |worker| ClassWorker {
                max_attempts: 1,
                ..worker
            },
            |delivery| match delivery.id.as_str() {
                "bad" => Outcome::Discard {
                    reason: "bad".to_owned(),
                },
                _ => Outcome::Done,
            },
        );
        bed.push("before").await;
        running.next().await;
        bed.until(|stats| stats.leased == 0).await;

        let _: () = redis::cmd("SET")
            .arg(&key)
            .arg("foreign")
            .query_async(&mut redis)
            .await
            .unwrap();

        bed.queue.push(&[bed.job("bad")]).await.unwrap();
        assert_eq!(running.next().await.id.as_str(), "bad", "{part}");
        bed.queue
            .push(&[bed.delayed("after", Duration::from_millis(20))])
            .await
            .unwrap();
        assert_eq!(running.next().await.id.as_str(), "after", "{part}");
        bed.until(|stats| stats.leased == 0 && stats.dead == 1).await;
        running.stop().await;
        let _: () = redis::cmd("FLUSHALL").query_async(&mut redis).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn groups_find_their_way_back_after_the_ring_was_overwritten() {
    let server = RedisServer::start().await.unwrap();
    let bed = Bed::at(&server.url(), "p");
    let jobs: Vec<_> = (0..500)
        .map(|number| bed.job_of(&format!("g{}", number % 50), &number.to_string()))
        .collect();
    bed.queue.push(&jobs).await.unwrap();
    let mut redis = connection(&server.url()).await;
    let _: () = redis::cmd("SET")
        .arg("{p:class}:1:ring")
        .arg("foreign")
        .query_async(&mut redis)
        .await
        .unwrap();

    let mut running = bed.run(|_| Outcome::Done);

    let ids: HashSet<_> = running.ids(500).await.into_iter().collect();
    assert_eq!(ids.len(), 500);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unreadable_jobs_go_to_the_dead_letters() {
    let server = RedisServer::start().await.unwrap();
    let bed = Bed::at(&server.url(), "p");
    bed.push_many(3).await;
    let mut redis = connection(&server.url()).await;
    let data = "{p:class}:1:data";
    let _: () = redis::cmd("HSET")
        .arg(data)
        .arg("0")
        .arg("nonsense")
        .query_async(&mut redis)
        .await
        .unwrap();
    let _: () = redis::cmd("HDEL")
        .arg(data)
        .arg("1")
        .query_async(&mut redis)
        .await
        .unwrap();

    let mut running = bed.run(|_| Outcome::Done);

    assert_eq!(running.next().await.id.as_str(), "2");
    bed.until(|stats| stats.dead == 2).await;
    let mut letters = bed.queue.dead(&bed.class, 10).await.unwrap();
    letters.sort_by_key(|letter| letter.id.clone());
    let reasons: Vec<_> = letters.iter().map(|letter| letter.reason.as_str()).collect();
    assert_eq!(
        reasons,
        ["the stored job is not readable", "the stored job is missing"]
    );
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_refuses_writes_or_forgot_its_scripts_is_waited_for() {
    let server = RedisServer::start().await.unwrap();
    let bed = Bed::at(&server.url(), "p");
    let mut running = bed.run(|_| Outcome::Done);
    bed.push("before").await;
    running.next().await;
    bed.until(|stats| stats.leased == 0).await;
    let mut redis = connection(&server.url()).await;

    let demote = redis::cmd("REPLICAOF").arg("127.0.0.1").arg(1).to_owned();
    demote.query_async::<()>(&mut redis).await.unwrap();
    assert!(bed.queue.push(&[bed.job("refused")]).await.is_err());
    let promote = redis::cmd("REPLICAOF").arg("NO").arg("ONE").to_owned();
    promote.query_async::<()>(&mut redis).await.unwrap();
    redis::cmd("SCRIPT")
        .arg("FLUSH")
        .query_async::<()>(&mut redis)
        .await
        .unwrap();

    bed.push("after").await;
    assert_eq!(running.next().await.id.as_str(), "after");
    assert!(running.stop().await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stall_while_pushing_neither_loses_nor_doubles_a_job() {
    let server = RedisServer::start().await.unwrap();
    let bed = Bed::at(&server.url(), "p");
    let mut running = bed.run(|_| Outcome::Done);
    bed.push("before").await;
    running.next().await;
    bed.until(|stats| stats.leased == 0).await;

    server.pause(Duration::from_secs(3)).await.unwrap();
    bed.push_many(1_000).await;

    let ids: HashSet<_> = running.ids(1_000).await.into_iter().collect();
    assert_eq!(ids.len(), 1_000);
    bed.until(|stats| stats == Default::default()).await;
    assert!(running.stop().await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handler_hears_that_its_lease_ran_out_while_redis_is_still_silent() {
    let server = RedisServer::start().await.unwrap();
    let bed = Bed::at(&server.url(), "p");
    let (started, mut starts) = mpsc::unbounded_channel();
    let worker = bed.worker(move |delivery: Delivery| {
        started.send(delivery.lease_lost.clone()).unwrap();
        async move {
            delivery.lease_lost.cancelled().await;
            Outcome::Done
        }
    });
    let running = bed.start(ClassWorker {
        lease: Duration::from_secs(1),
        ..worker
    });
    bed.push("long").await;
    let lost = starts.recv().await.unwrap();
    server.pause(Duration::from_secs(4)).await.unwrap();

    tokio::select! {
        biased;
        () = lost.cancelled() => {}
        _ = bed.queue.ping() => panic!("Redis answered first"),
    }
    running.stop().await;
}
