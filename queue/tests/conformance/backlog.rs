//! What is delivered, in which order, and when.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use tokio::sync::Semaphore;
use vitrine_queue::{ClassWorker, NewJob, Outcome};

use crate::bed::{Bed, PATIENCE};

pub(crate) async fn an_id_is_taken_until_its_job_has_ended(bed: &Bed) {
    let twice = [
        bed.job("ready"),
        bed.job("ready"),
        bed.delayed("delayed", PATIENCE),
    ];
    assert_eq!(bed.queue.push(&twice).await.unwrap(), 2);
    assert_eq!(bed.queue.push(&twice).await.unwrap(), 0);
    let gate = Arc::new(Semaphore::new(0));
    let inside = Arc::clone(&gate);
    let worker = bed.worker(move |_| {
        let inside = Arc::clone(&inside);
        async move {
            inside.acquire().await.unwrap().forget();
            Outcome::Done
        }
    });
    let running = bed.start(worker);
    bed.until(|stats| stats.leased == 1).await;

    assert_eq!(bed.queue.push(&[bed.job("ready")]).await.unwrap(), 0);
    gate.add_permits(1);
    bed.until(|stats| stats.leased == 0).await;
    running.stop().await;
    assert_eq!(bed.queue.push(&[bed.job("ready")]).await.unwrap(), 1);
}

pub(crate) async fn payloads_arrive_byte_for_byte(bed: &Bed) {
    let all: Bytes = (0..=255).collect();
    let odd = NewJob {
        payload: all.clone(),
        ..bed.job_of("a:b\n{}", "id with: colons:")
    };
    let empty = NewJob {
        payload: Bytes::new(),
        ..bed.job_of("", "empty")
    };
    bed.queue.push(&[odd]).await.unwrap();
    let mut running = bed.run(|_| Outcome::Done);

    let first = running.next().await;
    assert_eq!(
        (first.id.as_str(), first.group.as_str()),
        ("id with: colons:", "a:b\n{}")
    );
    assert_eq!(first.payload, all);
    assert_eq!(
        (first.class, first.attempt, first.max_attempts),
        (bed.class.clone(), 1, 5)
    );
    bed.queue.push(&[empty]).await.unwrap();
    assert_eq!(running.next().await.payload, Bytes::new());
    running.stop().await;
}

pub(crate) async fn a_group_keeps_its_order(bed: &Bed) {
    bed.push_many(500).await;
    let mut running = bed.run(|_| Outcome::Done);

    let ids = running.ids(500).await;

    let pushed: Vec<_> = (0..500).map(|number| number.to_string()).collect();
    assert_eq!(ids, pushed);
    running.stop().await;
}

pub(crate) async fn a_large_group_does_not_hold_back_small_ones(bed: &Bed) {
    bed.push_many(10_000).await;
    let small: Vec<_> = (0..100)
        .map(|number| bed.job_of(&format!("small-{number}"), &format!("small-{number}")))
        .collect();
    bed.queue.push(&small).await.unwrap();
    let mut running = bed.run_with(
        |worker| ClassWorker {
            concurrency: 10,
            ..worker
        },
        |_| Outcome::Done,
    );

    let early = running.ids(300).await;

    let small = early.iter().filter(|id| id.starts_with("small-")).count();
    assert_eq!(small, 100);
    let rest = running.ids(9_800).await;
    assert_eq!(
        early.into_iter().chain(rest).collect::<HashSet<_>>().len(),
        10_100
    );
    running.stop().await;
}

pub(crate) async fn a_delayed_job_waits_for_its_time(bed: &Bed) {
    let mut running = bed.run(|_| Outcome::Done);
    bed.push("awake").await;
    running.next().await;
    let delay = Duration::from_millis(400);
    let pushed = Instant::now();
    bed.queue
        .push(&[bed.delayed("delayed", delay), bed.job("ready")])
        .await
        .unwrap();

    assert_eq!(running.next().await.id.as_str(), "ready");
    assert_eq!(running.next().await.id.as_str(), "delayed");
    let waited = pushed.elapsed();
    // Redis counts whole milliseconds of its own clock.
    assert!(waited >= delay - Duration::from_millis(2), "{waited:?}");
    running.stop().await;
}

pub(crate) async fn an_earlier_delayed_job_is_not_held_back_by_a_later_one(bed: &Bed) {
    let mut running = bed.run(|_| Outcome::Done);
    bed.queue
        .push(&[bed.delayed("later", Duration::from_millis(900))])
        .await
        .unwrap();
    bed.queue
        .push(&[bed.delayed("sooner", Duration::from_millis(100))])
        .await
        .unwrap();

    assert_eq!(running.ids(2).await, ["sooner", "later"]);
    running.stop().await;
}

pub(crate) async fn an_idle_worker_starts_a_pushed_job_at_once(bed: &Bed) {
    let mut running = bed.run(|_| Outcome::Done);
    bed.push("first").await;
    running.next().await;
    let mut waits = Vec::new();
    for number in 0..100 {
        bed.until(|stats| stats.leased == 0).await;
        let pushed = Instant::now();
        bed.push(&number.to_string()).await;
        running.next().await;
        waits.push(pushed.elapsed());
    }

    waits.sort();
    // Without a wake-up it would be half a second on average. Nine in ten leaves room for a busy machine.
    let typical = waits[90];
    println!("push to start: median {:?}, 99 in 100 {:?}", waits[50], waits[99]);
    assert!(typical < Duration::from_millis(50), "{waits:?}");
    running.stop().await;
}

pub(crate) async fn no_more_jobs_run_at_once_than_allowed(bed: &Bed) {
    bed.push_many(60).await;
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let seen = Arc::clone(&most);
    let worker = bed.worker(move |_| {
        let (now, most) = (Arc::clone(&now), Arc::clone(&most));
        async move {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(5)).await;
            now.fetch_sub(1, Ordering::SeqCst);
            Outcome::Done
        }
    });
    let running = bed.start(ClassWorker {
        concurrency: 4,
        ..worker
    });
    bed.until(|stats| stats.ready + stats.leased == 0).await;

    assert_eq!(seen.load(Ordering::SeqCst), 4);
    running.stop().await;
}

pub(crate) async fn long_jobs_are_not_fetched_ahead(bed: &Bed) {
    let jobs: Vec<_> = (0..20)
        .map(|number| bed.job_of(&format!("group-{}", number % 4), &number.to_string()))
        .collect();
    bed.queue.push(&jobs).await.unwrap();
    let gate = Arc::new(Semaphore::new(0));
    let inside = Arc::clone(&gate);
    let worker = bed.worker(move |_| {
        let inside = Arc::clone(&inside);
        async move {
            inside.acquire().await.unwrap().forget();
            Outcome::Done
        }
    });
    let running = bed.start(ClassWorker {
        concurrency: 3,
        ..worker
    });
    bed.until(|stats| stats.leased > 0).await;
    assert_eq!(bed.stats().await.leased, 3);
    let mut other = bed.run(|_| Outcome::Done);

    let ids: HashSet<_> = other.ids(17).await.into_iter().collect();

    assert_eq!(ids.len(), 17);
    gate.add_permits(3);
    running.stop().await;
    other.stop().await;
}

pub(crate) async fn jobs_behind_a_long_one_are_left_to_other_workers(bed: &Bed) {
    bed.push_many(400).await;
    let gate = Arc::new(Semaphore::new(0));
    let inside = Arc::clone(&gate);
    let worker = bed.worker(move |delivery| {
        let inside = Arc::clone(&inside);
        async move {
            if delivery.id.as_str() == "100" {
                inside.acquire().await.unwrap().forget();
            }
            Outcome::Done
        }
    });
    let running = bed.start(worker);
    bed.until(|stats| stats.ready + stats.leased == 300).await;
    let mut other = bed.run(|_| Outcome::Done);

    let ids: HashSet<_> = other.ids(299).await.into_iter().collect();

    assert_eq!(ids.len(), 299);
    bed.until(|stats| stats.leased == 1 && stats.ready == 0).await;
    gate.add_permits(1);
    running.stop().await;
    other.stop().await;
}
