//! What a graceful stop does.

use std::{sync::Arc, time::Duration};

use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;
use vitrine_queue::{ClassWorker, Delivery, Outcome, run_workers};

use crate::bed::{Bed, PATIENCE};

/// A worker that runs short jobs until one with this id, which hangs until the gate opens; signals when it does.
fn hanging_on(
    bed: &Bed,
    id: &'static str,
    gate: &Arc<Semaphore>,
) -> (ClassWorker, mpsc::UnboundedReceiver<()>) {
    let gate = Arc::clone(gate);
    let (hangs, hanging) = mpsc::unbounded_channel();
    let worker = bed.worker(move |delivery: Delivery| {
        let (gate, hangs) = (Arc::clone(&gate), hangs.clone());
        async move {
            if delivery.id.as_str() == id {
                hangs.send(()).unwrap();
                gate.acquire().await.unwrap().forget();
            }
            Outcome::Done
        }
    });
    (worker, hanging)
}

pub(crate) async fn a_stop_gives_back_what_has_not_started(bed: &Bed) {
    bed.push_many(400).await;
    let gate = Arc::new(Semaphore::new(0));
    let (worker, mut hanging) = hanging_on(bed, "100", &gate);
    let running = bed.start(worker);
    hanging.recv().await.unwrap();

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
    let (worker, mut hanging) = hanging_on(bed, "0", &gate);
    let running = bed.start(worker);
    hanging.recv().await.unwrap();

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
    let (queue, stop) = (bed.queue.clone(), CancellationToken::new());
    let stopped = stop.clone();
    // A runtime of its own ends as a process does: what was not finished by then never is.
    let life = tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(run_workers(
            queue,
            vec![worker],
            stopped,
            Duration::from_millis(50),
        ))
    });
    starts.recv().await.unwrap();

    stop.cancel();
    tokio::time::timeout(PATIENCE, life)
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
