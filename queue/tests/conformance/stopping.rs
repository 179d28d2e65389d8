//! What a graceful stop does.

use std::{sync::Arc, time::Duration};

use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;
use vitrine_queue::{ClassWorker, Delivery, Outcome, run_workers};

use crate::bed::{Bed, PATIENCE};

/// A worker that runs short jobs until one with this id, which hangs until the gate opens.
fn hanging_on(bed: &Bed, id: &'static str, gate: &Arc<Semaphore>) -> ClassWorker {
    let gate = Arc::clone(gate);
    bed.worker(move |delivery: Delivery| {
        let gate = Arc::clone(&gate);
        async move {
            if delivery.id.as_str() == id {
                gate.acquire().await.unwrap().forget();
            }
            Outcome::Done
        }
    })
}

pub(crate) async fn a_stop_gives_back_what_has_not_started(bed: &Bed) {
    bed.push_many(400).await;
    let gate = Arc::new(Semaphore::new(0));
    let running = bed.start(hanging_on(bed, "100", &gate));
    bed.until(|stats| stats.ready + stats.leased == 300).await;

    running.ask_to_stop();

    bed.until(|stats| stats.leased == 1 && stats.ready == 299).await;
    assert!(!running.has_ended());
    gate.add_permits(1);
    running.stop().await;
    let mut next = bed.run(|_| Outcome::Done);
    for number in 101..400 {
        let delivery = next.next().await;
        assert_eq!(
            (delivery.id.as_str(), delivery.attempt),
            (number.to_string().as_str(), 1)
        );
    }
    next.stop().await;
}

pub(crate) async fn a_stop_waits_for_running_jobs(bed: &Bed) {
    bed.push_many(1).await;
    let gate = Arc::new(Semaphore::new(0));
    let running = bed.start(hanging_on(bed, "0", &gate));
    bed.until(|stats| stats.leased == 1).await;

    running.ask_to_stop();
    bed.push("late").await;
    gate.add_permits(1);
    running.stop().await;

    let stats = bed.stats().await;
    assert_eq!((stats.ready, stats.leased, stats.dead), (1, 0, 0));
}

pub(crate) async fn a_job_cut_off_by_a_stop_loses_no_attempt(bed: &Bed) {
    bed.push("endless").await;
    let (started, mut starts) = mpsc::unbounded_channel();
    let worker = bed.worker(move |_| {
        let _ = started.send(());
        std::future::pending::<Outcome>()
    });
    let stop = CancellationToken::new();
    let grace = Duration::from_millis(50);
    let workers = tokio::spawn(run_workers(bed.queue.clone(), vec![worker], stop.clone(), grace));
    starts.recv().await.unwrap();

    stop.cancel();
    tokio::time::timeout(PATIENCE, workers)
        .await
        .unwrap()
        .unwrap()
        .unwrap();

    let stats = bed.stats().await;
    assert_eq!((stats.ready, stats.leased), (1, 0));
    let mut next = bed.run(|_| Outcome::Done);
    assert_eq!(next.next().await.attempt, 1);
    next.stop().await;
}
