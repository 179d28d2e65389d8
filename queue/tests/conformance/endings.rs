//! What each outcome means.

use std::time::{Duration, Instant, SystemTime};

use vitrine_queue::{ClassWorker, Outcome};

use crate::bed::{Bed, PATIENCE};

pub(crate) async fn later_costs_no_attempt(bed: &Bed) {
    bed.push("job").await;
    let seen = std::sync::atomic::AtomicU32::new(0);
    let mut running = bed.run_with(
        |worker| ClassWorker {
            max_attempts: 1,
            ..worker
        },
        move |_| match seen.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
            0..3 => Outcome::Later(Duration::from_millis(20)),
            _ => Outcome::Done,
        },
    );

    for _ in 0..4 {
        assert_eq!(running.next().await.attempt, 1);
    }
    bed.until(|stats| stats == Default::default()).await;
    running.stop().await;
}

pub(crate) async fn retries_end_in_the_dead_letters(bed: &Bed) {
    bed.push("job").await;
    let before = SystemTime::now() - Duration::from_secs(1);
    let mut running = bed.run_with(
        |worker| ClassWorker {
            max_attempts: 3,
            ..worker
        },
        |_| Outcome::Retry {
            after: Duration::from_millis(10),
            reason: "no luck".to_owned(),
        },
    );

    for attempt in 1..=3 {
        assert_eq!(running.next().await.attempt, attempt);
    }
    bed.until(|stats| stats.dead == 1 && stats.leased == 0).await;
    let letter = bed.queue.dead(&bed.class, 10).await.unwrap().remove(0);
    assert_eq!(
        (letter.id.as_str(), letter.group.as_str(), letter.attempts),
        ("job", "group", 3)
    );
    assert_eq!(
        (&*letter.payload, letter.reason.as_str()),
        (&b"payload"[..], "attempt 3 of 3: no luck")
    );
    assert!(letter.died_at > before && letter.died_at < SystemTime::now() + Duration::from_secs(1));
    assert!(running.stop().await.is_empty());
}

pub(crate) async fn a_retry_waits_as_long_as_asked(bed: &Bed) {
    bed.push("job").await;
    let wait = Duration::from_millis(300);
    let mut running = bed.run(move |delivery| match delivery.attempt {
        1 => Outcome::Retry {
            after: wait,
            reason: "first".to_owned(),
        },
        _ => Outcome::Done,
    });
    running.next().await;
    let failed = Instant::now();

    assert_eq!(running.next().await.attempt, 2);
    let waited = failed.elapsed();
    assert!(
        waited >= wait - Duration::from_millis(2) && waited < PATIENCE,
        "{waited:?}"
    );
    running.stop().await;
}

pub(crate) async fn a_discarded_job_is_dead_at_once(bed: &Bed) {
    bed.push("job").await;
    let mut running = bed.run(|_| Outcome::Discard {
        reason: "account is gone".to_owned(),
    });
    running.next().await;

    bed.until(|stats| stats.dead == 1 && stats.leased == 0).await;
    let letters = bed.queue.dead(&bed.class, 10).await.unwrap();
    assert_eq!(
        (letters[0].attempts, letters[0].reason.as_str()),
        (1, "account is gone")
    );
    assert_eq!(bed.queue.push(&[bed.job("job")]).await.unwrap(), 1);
    assert_eq!(running.next().await.attempt, 1);
    running.stop().await;
}

pub(crate) async fn a_panic_counts_as_a_retry(bed: &Bed) {
    bed.push("job").await;
    let mut running = bed.run_with(
        |worker| ClassWorker {
            max_attempts: 2,
            ..worker
        },
        |delivery| match delivery.id.as_str() {
            "job" => panic!("on purpose"),
            _ => Outcome::Done,
        },
    );

    bed.until(|stats| stats.dead == 1 && stats.leased == 0).await;
    let letters = bed.queue.dead(&bed.class, 10).await.unwrap();
    assert_eq!(
        letters[0].reason,
        "attempt 2 of 2: the handler panicked: on purpose"
    );
    bed.push("after").await;
    assert_eq!(running.next().await.id.as_str(), "after");
    running.stop().await;
}
