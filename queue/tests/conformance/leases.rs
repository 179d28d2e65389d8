//! Jobs whose workers take long, or die.

use std::{sync::Arc, time::Duration};

use tokio::sync::{Semaphore, mpsc};
use vitrine_queue::{ClassWorker, Delivery, Outcome};

use crate::bed::{Bed, die_with_a_job};

const SHORT: Duration = Duration::from_millis(600);

pub(crate) async fn a_job_longer_than_its_lease_runs_once(bed: &Bed) {
    bed.push("long").await;
    let gate = Arc::new(Semaphore::new(0));
    let (started, mut starts) = mpsc::unbounded_channel();
    let inside = Arc::clone(&gate);
    let handler = move |delivery: Delivery| {
        let (inside, started) = (Arc::clone(&inside), started.clone());
        async move {
            started.send(delivery.lease_lost.clone()).unwrap();
            inside.acquire().await.unwrap().forget();
            Outcome::Done
        }
    };
    let worker = ClassWorker {
        lease: SHORT,
        ..bed.worker(handler)
    };
    let (first, second) = (bed.start(worker.clone()), bed.start(worker));
    let lost = starts.recv().await.unwrap();

    // Three leases long, which is what the case is about.
    tokio::time::sleep(SHORT * 3).await;

    assert!(starts.try_recv().is_err(), "it ran twice");
    assert!(!lost.is_cancelled());
    gate.add_permits(1);
    bed.until(|stats| stats == Default::default()).await;
    first.stop().await;
    second.stop().await;
}

pub(crate) async fn the_job_of_a_dead_worker_comes_back_with_one_attempt_less(bed: &Bed) {
    bed.push("job").await;
    let worker = ClassWorker {
        lease: SHORT,
        ..bed.worker(async |_| Outcome::Done)
    };
    die_with_a_job(&bed.queue, worker).await;
    assert_eq!(bed.stats().await.leased, 1);

    let mut running = bed.run_with(
        |worker| ClassWorker {
            lease: SHORT,
            ..worker
        },
        |_| Outcome::Done,
    );

    let delivery = running.next().await;
    assert_eq!((delivery.id.as_str(), delivery.attempt), ("job", 2));
    bed.until(|stats| stats == Default::default()).await;
    running.stop().await;
}

pub(crate) async fn a_job_that_kills_its_workers_ends_in_the_dead_letters(bed: &Bed) {
    bed.push("deadly").await;
    for _ in 0..2 {
        let worker = ClassWorker {
            lease: SHORT,
            max_attempts: 2,
            ..bed.worker(async |_| Outcome::Done)
        };
        die_with_a_job(&bed.queue, worker).await;
    }

    let running = bed.run_with(
        |worker| ClassWorker {
            max_attempts: 2,
            ..worker
        },
        |_| Outcome::Done,
    );

    bed.until(|stats| stats.dead == 1 && stats.leased == 0).await;
    let letters = bed.queue.dead(&bed.class, 10).await.unwrap();
    assert_eq!(
        (letters[0].attempts, letters[0].reason.as_str()),
        (2, "attempt 2 of 2: its lease ran out")
    );
    assert!(running.stop().await.is_empty());
}
