//! A Redis that hands out jobs later than anybody waits for them.

use std::{collections::HashSet, time::Duration};

use tokio::time::timeout;
use vitrine_queue::{ClassWorker, Outcome};
use vitrine_test_support::{RedisServer, wait_until};

use crate::{
    bed::{Bed, PATIENCE, Running},
    redis_only::connection,
};

/// Longer than two answers in a row are waited for.
const SILENCE: Duration = Duration::from_millis(11_500);

const JOBS: usize = 5;

/// A server that can be put to sleep.
async fn drowsy_server() -> RedisServer {
    RedisServer::start_with(&["--enable-debug-command", "local"])
        .await
        .unwrap()
}

/// Has Redis do nothing at all for a while. What arrives meanwhile is done when it wakes up, also what came over
/// connections that were closed by then; a server that only pauses its clients would drop those.
async fn fall_asleep(server: &RedisServer) {
    let (url, seconds) = (server.url(), SILENCE.as_secs_f64());
    let mut awake = connection(&url).await;
    tokio::spawn(async move {
        let mut order = redis::cmd("DEBUG");
        order.arg("SLEEP").arg(seconds);
        let _too_late = order.query_async::<()>(&mut connection(&url).await).await;
    });
    let is_asleep = wait_until(PATIENCE, async || {
        let ping = redis::cmd("PING");
        let answer = ping.query_async::<String>(&mut awake);
        timeout(Duration::from_millis(200), answer).await.is_err()
    });
    is_asleep.await.unwrap();
}

/// A worker for a class that is pushed to while Redis sleeps, so that the fetches behind the push lease jobs
/// when it wakes up, and nobody hears of them. One run-out lease would bury a job.
async fn pushed_in_silence(server: &RedisServer, bed: &Bed) -> Running {
    let mut running = bed.run_with(
        |worker| ClassWorker {
            lease: 2 * PATIENCE,
            max_attempts: 1,
            ..worker
        },
        |_| Outcome::Done,
    );
    bed.push("before").await;
    running.next().await;
    bed.until(|stats| stats.leased == 0).await;
    fall_asleep(server).await;
    let jobs: Vec<_> = (0..JOBS).map(|number| bed.job(&number.to_string())).collect();
    bed.queue.push(&jobs).await.unwrap_err();
    running
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_that_nobody_heard_of_run_at_once_and_keep_their_attempts() {
    let server = drowsy_server().await;
    let bed = Bed::at(&server.url(), "p");
    let mut running = pushed_in_silence(&server, &bed).await;

    let mut ids = HashSet::new();
    while ids.len() < JOBS {
        let delivery = timeout(PATIENCE / 2, running.next()).await.unwrap();
        assert_eq!(delivery.attempt, 1);
        assert!(ids.insert(delivery.id));
    }
    bed.until(|stats| stats == Default::default()).await;
    assert!(running.stop().await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_stops_leaves_no_jobs_behind_that_it_did_not_hear_of() {
    let server = drowsy_server().await;
    let bed = Bed::at(&server.url(), "p");
    let running = pushed_in_silence(&server, &bed).await;
    // The second fetch is under way, and is given up before Redis wakes up.
    let asked_again = wait_until(PATIENCE, async || {
        bed.queue
            .last_fetch_age(&bed.class)
            .is_some_and(|age| age > Duration::from_millis(7_500))
    });
    asked_again.await.unwrap();

    assert!(running.stop().await.is_empty());

    let stats = bed.stats().await;
    assert_eq!((stats.ready, stats.leased, stats.dead), (JOBS as u64, 0, 0));
}
