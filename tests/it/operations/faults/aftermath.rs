//! What must be true after every fault.

use crate::support::{Fleet, Installation};
use std::time::{Duration, Instant};
use vitrine_queue::{ClassStats, Queue, RedisOptions};
use vitrine_simulator::CallFilter;
use vitrine_test_support::wait_until;
use vitrine_worker::class_names;

/// After this time by the installation's clock a claim of a process that died counts for nothing.
const CLAIM: Duration = Duration::from_secs(5 * 60 + 1);
/// Processes hear of a new time one after the other, so that a lapse can cost a run its claim once more.
const MOST_LAPSES: u32 = 6;
/// A queue that is empty for so long, with accounts left, has lost them: their claims have to lapse.
const QUIET: Duration = Duration::from_millis(500);

/// How long it took until everything was handled.
#[derive(Debug)]
pub(super) struct Recovery {
    pub(super) took: Duration,
    /// How often claims had to lapse.
    pub(super) lapses: u32,
}

/// A look at the queue, apart from the processes.
pub(super) fn queue(vitrine: &Installation) -> Queue {
    let options = RedisOptions {
        prefix: vitrine.setting("VITRINE_REDIS__PREFIX"),
        ..RedisOptions::new(vitrine.setting("VITRINE_REDIS__URL"))
    };
    let (queue, health_check) = Queue::redis(&options).unwrap();
    tokio::spawn(health_check);
    queue
}

/// Jobs in the queue; many when it does not answer.
async fn waiting(queue: &Queue) -> u64 {
    let mut jobs = 0;
    for class in class_names() {
        let away = ClassStats {
            ready: u64::from(u32::MAX),
            ..ClassStats::default()
        };
        let stats = queue.stats(&class).await.unwrap_or(away);
        jobs += stats.ready + stats.delayed + stats.leased;
    }
    jobs
}

/// Waits until at most so many accounts are left.
pub(super) async fn are_left(vitrine: &Installation, fleet: &Fleet, left: u64) {
    let done = wait_until(Duration::from_secs(60), async || fleet.left().await <= left);
    assert!(done.await.is_ok(), "not under way:\n{}", vitrine.log());
}

/// Waits until everything due is handled, and prints how long that took. Where jobs were lost, time moves on
/// until their claims lapse.
pub(super) async fn recovers(
    what: &str,
    vitrine: &Installation,
    fleet: &Fleet,
    within: Duration,
) -> Recovery {
    let (queue, begun) = (queue(vitrine), Instant::now());
    let (mut lapses, mut last, mut since) = (0, u64::MAX, Instant::now());
    let recovered = wait_until(within, async || {
        let left = fleet.left().await;
        if left != last || waiting(&queue).await > 0 {
            (last, since) = (left, Instant::now());
        }
        if left > 0 && since.elapsed() > QUIET && lapses < MOST_LAPSES {
            vitrine.advance(CLAIM).await;
            (lapses, since) = (lapses + 1, Instant::now());
        }
        left == 0
    });
    let recovered = recovered.await;
    assert!(
        recovered.is_ok(),
        "{last} left after {lapses} lapses:\n{}",
        vitrine.log()
    );
    let recovery = Recovery {
        took: begun.elapsed(),
        lapses,
    };
    print(what, &recovery);
    recovery
}

#[expect(
    clippy::print_stdout,
    reason = "the time to recover is a result of these tests"
)]
fn print(what: &str, recovery: &Recovery) {
    let Recovery { took, lapses } = recovery;
    println!(
        "{what}: recovered in {:.1} s and {lapses} lapses of claims (5 min each by the clock)",
        took.as_secs_f64()
    );
}

/// Panics when anything was done twice at once, a budget was overspent, a token was lost, or one of these
/// workers does not work on.
pub(super) async fn unharmed(
    vitrine: &mut Installation,
    fleet: &Fleet,
    workers: &[usize],
    calls_per_hour: u64,
) {
    within_bounds(vitrine, calls_per_hour);
    fleet.no_token_is_lost(vitrine).await;
    no_turn_is_open(vitrine, fleet).await;
    work_on(vitrine, fleet, workers).await;
    vitrine.workers_run(workers);
    within_bounds(vitrine, calls_per_hour);
}

/// As Instagram counted.
pub(super) fn within_bounds(vitrine: &Installation, calls_per_hour: u64) {
    let report = vitrine.simulator.calls(&CallFilter::default());
    let at_once = report
        .most_at_once_by_account
        .iter()
        .max_by_key(|(_, most)| **most);
    assert!(
        at_once.is_some_and(|(_, most)| *most == 1),
        "twice at once: {at_once:?}"
    );
    let hour = report.busiest_hour_by_token.values().max();
    assert!(
        hour.is_some_and(|most| *most <= calls_per_hour),
        "calls in an hour: {hour:?}"
    );
}

/// Waits until no account is due any more. A turn that the fault left claimed, without a job, has to lapse before an
/// account can be made due anew.
async fn no_turn_is_open(vitrine: &Installation, fleet: &Fleet) {
    let (queue, mut since) = (queue(vitrine), Instant::now());
    let none = wait_until(Duration::from_secs(60), async || {
        let due = fleet.due_now(vitrine).await;
        if waiting(&queue).await > 0 {
            since = Instant::now();
        }
        if due > 0 && since.elapsed() > QUIET {
            vitrine.advance(CLAIM).await;
            since = Instant::now();
        }
        due == 0
    });
    assert!(none.await.is_ok(), "turns are not taken:\n{}", vitrine.log());
}

/// Makes some accounts due, again and again, until each of the workers has run some of them.
async fn work_on(vitrine: &Installation, fleet: &Fleet, workers: &[usize]) {
    let before = vitrine.runs(workers).await;
    let mut some = fleet.ships.chunks(100).cycle();
    let worked = wait_until(Duration::from_secs(20), async || {
        fleet.make_due(vitrine, some.next().unwrap()).await;
        let done = wait_until(Duration::from_secs(20), async || fleet.left().await == 0);
        assert!(
            done.await.is_ok(),
            "accounts are not handled any more:\n{}",
            vitrine.log()
        );
        let now = vitrine.runs(workers).await;
        now.iter().zip(&before).all(|(now, before)| now > before)
    });
    assert!(worked.await.is_ok(), "a worker does nothing:\n{}", vitrine.log());
}

/// Waits until no job is in the queue for a while.
pub(super) async fn quiet(queue: &Queue, within: Duration) {
    let mut since = Instant::now();
    let settled = wait_until(within, async || {
        if waiting(queue).await > 0 {
            since = Instant::now();
        }
        since.elapsed() >= QUIET
    });
    settled.await.unwrap();
}
