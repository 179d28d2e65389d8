//! Promises that only make sense with a server and several processes.

use std::{collections::HashSet, time::Duration};

use bytes::Bytes;
use vitrine_queue::{ClassWorker, NewJob, Outcome, RedisOptions};
use vitrine_test_support::RedisServer;

use crate::bed::Bed;

pub(crate) async fn connection(url: &str) -> redis::aio::MultiplexedConnection {
    redis::Client::open(url)
        .unwrap()
        .get_multiplexed_async_connection()
        .await
        .unwrap()
}

async fn keys(redis: &mut redis::aio::MultiplexedConnection) -> Vec<String> {
    redis::cmd("KEYS").arg("*").query_async(redis).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_share_a_class_and_each_job_runs_once() {
    let server = vitrine_test_support::redis().await.unwrap();
    let (here, there) = (
        Bed::at(&server.url, &server.prefix),
        Bed::at(&server.url, &server.prefix),
    );
    let wide = |worker| ClassWorker {
        concurrency: 10,
        ..worker
    };
    let (first, second) = (
        here.run_with(wide, |_| Outcome::Done),
        there.run_with(wide, |_| Outcome::Done),
    );
    for batch in 0..20 {
        let jobs: Vec<_> = (0..250)
            .map(|number| here.job(&format!("{batch}-{number}")))
            .collect();
        assert_eq!(here.queue.push(&jobs).await.unwrap(), 250);
    }
    here.until(|stats| stats == Default::default()).await;

    let (first, second) = (first.stop().await, second.stop().await);

    assert_eq!(first.len() + second.len(), 5_000);
    let ids: HashSet<_> = first
        .iter()
        .chain(&second)
        .map(|delivery| delivery.id.clone())
        .collect();
    assert_eq!(ids.len(), 5_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_left_of_jobs_that_ended() {
    let server = RedisServer::start().await.unwrap();
    let bed = Bed::at(&server.url(), "p");
    let mut running = bed.run_with(
        |worker| ClassWorker {
            concurrency: 10,
            ..worker
        },
        |delivery| match delivery.attempt {
            1 if delivery.id.as_str().ends_with('7') => Outcome::Retry {
                after: Duration::from_millis(5),
                reason: "once".to_owned(),
            },
            _ => Outcome::Done,
        },
    );
    for batch in 0..10 {
        let jobs: Vec<_> = (0..100)
            .map(|number| bed.job_of(&number.to_string(), &format!("{batch}-{number}")))
            .collect();
        bed.queue.push(&jobs).await.unwrap();
    }
    running.ids(1_100).await;
    bed.until(|stats| stats == Default::default()).await;
    running.stop().await;

    let mut redis = connection(&server.url()).await;
    assert_eq!(keys(&mut redis).await, ["p:queue-layout"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pending_job_takes_less_than_200_bytes() {
    let server = RedisServer::start().await.unwrap();
    let bed = Bed::at(&server.url(), "p");
    let mut redis = connection(&server.url()).await;
    // A first push loads the script and makes the server's buffers.
    bed.push("warm").await;
    let before = used(&mut redis).await;
    let jobs: Vec<_> = (0..20_000)
        .map(|number| NewJob {
            payload: Bytes::from(vec![b'x'; 40]),
            ..bed.job_of(&format!("t{}", number % 200), &format!("job{number}"))
        })
        .collect();
    bed.queue.push(&jobs).await.unwrap();

    let each = (used(&mut redis).await - before) / 20_000;

    println!("bytes per pending job: {each}");
    assert!(each < 200, "{each} bytes");
}

async fn used(redis: &mut redis::aio::MultiplexedConnection) -> u64 {
    let info: String = redis::cmd("INFO").arg("memory").query_async(redis).await.unwrap();
    let line = info
        .lines()
        .find_map(|line| line.strip_prefix("used_memory_dataset:"))
        .unwrap();
    line.parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_newest_dead_letters_are_kept() {
    let server = vitrine_test_support::redis().await.unwrap();
    let options = RedisOptions {
        prefix: server.prefix,
        dead_letters: 3,
        ..RedisOptions::new(server.url)
    };
    let bed = Bed::on_queue_of(&options);
    bed.push_many(8).await;
    let mut running = bed.run(|_| Outcome::Discard {
        reason: "no".to_owned(),
    });
    running.ids(8).await;

    bed.until(|stats| stats.ready + stats.leased == 0 && stats.dead == 3)
        .await;

    let mut ids: Vec<_> = bed
        .queue
        .dead(&bed.class, 10)
        .await
        .unwrap()
        .into_iter()
        .map(|letter| letter.id.to_string())
        .collect();
    ids.sort();
    assert_eq!(ids, ["5", "6", "7"]);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_keys_of_a_class_are_in_one_slot() {
    let server = RedisServer::start().await.unwrap();
    let bed = Bed::at(&server.url(), "p");
    bed.push_many(3).await;
    bed.queue
        .push(&[bed.delayed("later", Duration::from_secs(60))])
        .await
        .unwrap();
    bed.queue.pause(&bed.class).await.unwrap();

    let keys = keys(&mut connection(&server.url()).await).await;

    assert_eq!(keys.len(), 5, "{keys:?}");
    assert!(keys.iter().all(|key| key.starts_with("{p:class}:")), "{keys:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_due_jobs_at_once_do_not_wedge_a_class() {
    let server = vitrine_test_support::redis().await.unwrap();
    let bed = Bed::at(&server.url, &server.prefix);
    let jobs: Vec<_> = (0..12_000)
        .map(|number| bed.delayed(&number.to_string(), Duration::from_millis(1)))
        .collect();
    assert_eq!(bed.queue.push(&jobs).await.unwrap(), 12_000);

    let mut running = bed.run_with(
        |worker| ClassWorker {
            concurrency: 50,
            ..worker
        },
        |_| Outcome::Done,
    );

    let ids: HashSet<_> = running.ids(12_000).await.into_iter().collect();
    assert_eq!(ids.len(), 12_000);
    running.stop().await;
}
