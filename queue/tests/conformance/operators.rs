//! What operators can see and do.

use std::time::Duration;

use vitrine_queue::{ClassName, DeadSelection, JobId, NewJob, Outcome, QueueError};

use crate::bed::{Bed, PATIENCE};

pub(crate) async fn a_paused_class_rests_until_it_is_resumed(bed: &Bed) {
    let mut running = bed.run(|_| Outcome::Done);
    bed.push("before").await;
    running.next().await;
    bed.until(|stats| stats.leased == 0).await;
    bed.queue.pause(&bed.class).await.unwrap();
    bed.queue.pause(&bed.class).await.unwrap();
    assert!(bed.queue.is_paused(&bed.class).await.unwrap());

    bed.push("while").await;
    let other = ClassName::from("other");
    assert!(!bed.queue.is_paused(&other).await.unwrap());
    // Longer than an idle worker waits before it looks again.
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert_eq!(bed.queue.depth(&bed.class).await.unwrap(), 1);
    bed.queue.resume(&bed.class).await.unwrap();
    assert_eq!(running.next().await.id.as_str(), "while");
    assert!(!bed.queue.is_paused(&bed.class).await.unwrap());
    running.stop().await;
}

/// Leaves dead letters with these ids, oldest first.
async fn bury(bed: &Bed, ids: &[&str]) {
    let mut running = bed.run(|_| Outcome::Discard {
        reason: "no".to_owned(),
    });
    let before = bed.stats().await.dead;
    for (number, id) in (1..).zip(ids) {
        bed.push(id).await;
        running.next().await;
        bed.until(|stats| stats.dead == before + number).await;
    }
    running.stop().await;
}

pub(crate) async fn dead_letters_can_be_driven_again(bed: &Bed) {
    bury(bed, &["a", "b", "c"]).await;
    let ids: Vec<_> = bed
        .queue
        .dead(&bed.class, 2)
        .await
        .unwrap()
        .into_iter()
        .map(|dead| dead.id)
        .collect();
    assert_eq!(ids, [JobId::from("c"), JobId::from("b")]);

    let some = [JobId::from("b"), JobId::from("never was")];
    assert_eq!(
        bed.queue
            .redrive(&bed.class, DeadSelection::Ids(&some))
            .await
            .unwrap(),
        1
    );
    assert_eq!(
        bed.queue
            .redrive(&bed.class, DeadSelection::Ids(&some))
            .await
            .unwrap(),
        0
    );
    let mut running = bed.run(|_| Outcome::Done);
    let again = running.next().await;
    assert_eq!(
        (again.id.as_str(), again.attempt, &*again.payload),
        ("b", 1, &b"payload"[..])
    );
    assert_eq!(
        bed.queue.redrive(&bed.class, DeadSelection::All).await.unwrap(),
        2
    );
    let mut rest = running.ids(2).await;
    rest.sort();
    assert_eq!(rest, ["a", "c"]);
    bed.until(|stats| stats == Default::default()).await;
    running.stop().await;
}

pub(crate) async fn dead_letters_can_be_discarded(bed: &Bed) {
    bury(bed, &["a", "b", "c"]).await;

    let one = [JobId::from("a")];
    assert_eq!(
        bed.queue
            .discard_dead(&bed.class, DeadSelection::Ids(&one))
            .await
            .unwrap(),
        1
    );
    assert_eq!(bed.stats().await.dead, 2);
    assert_eq!(
        bed.queue
            .discard_dead(&bed.class, DeadSelection::All)
            .await
            .unwrap(),
        2
    );
    assert_eq!(bed.stats().await, Default::default());
    assert!(bed.queue.dead(&bed.class, 10).await.unwrap().is_empty());
}

pub(crate) async fn a_redriven_letter_gives_way_to_a_newer_job(bed: &Bed) {
    bury(bed, &["a"]).await;
    let newer = NewJob {
        payload: "newer".into(),
        ..bed.job("a")
    };
    assert_eq!(bed.queue.push(&[newer]).await.unwrap(), 1);

    assert_eq!(
        bed.queue.redrive(&bed.class, DeadSelection::All).await.unwrap(),
        0
    );

    let stats = bed.stats().await;
    assert_eq!((stats.ready, stats.dead), (1, 0));
    let mut running = bed.run(|_| Outcome::Done);
    assert_eq!(running.next().await.payload, "newer");
    running.stop().await;
}

pub(crate) async fn a_class_is_counted(bed: &Bed) {
    assert_eq!(bed.stats().await, Default::default());
    bury(bed, &["dead"]).await;
    bed.push_many(3).await;
    bed.queue.push(&[bed.delayed("delayed", PATIENCE)]).await.unwrap();

    let stats = bed.stats().await;

    assert_eq!(
        (stats.ready, stats.delayed, stats.leased, stats.dead),
        (3, 1, 0, 1)
    );
    assert!(stats.oldest_ready_age.is_some_and(|age| age < PATIENCE));
    assert_eq!(bed.queue.depth(&bed.class).await.unwrap(), 3);
    assert_eq!(
        bed.queue.stats(&"other".into()).await.unwrap(),
        Default::default()
    );
    bed.queue
        .record_gauges(std::slice::from_ref(&bed.class))
        .await
        .unwrap();
    // The age is counted in whole seconds on Redis.
    bed.until(|stats| stats.oldest_ready_age > Some(Duration::from_millis(1_500)))
        .await;
}

pub(crate) async fn workers_show_that_they_fetch(bed: &Bed) {
    assert_eq!(bed.queue.last_fetch_age(&bed.class), None);
    let mut running = bed.run(|_| Outcome::Done);
    bed.push("job").await;
    running.next().await;

    assert!(
        bed.queue
            .last_fetch_age(&bed.class)
            .is_some_and(|age| age < PATIENCE)
    );
    assert_eq!(bed.queue.last_fetch_age(&"other".into()), None);
    bed.queue.ping().await.unwrap();
    running.stop().await;
}

pub(crate) async fn a_closed_queue_takes_no_jobs(bed: &Bed) {
    bed.queue.close();
    bed.queue.close();

    assert!(matches!(
        bed.queue.push(&[bed.job("job")]).await,
        Err(QueueError::Closed)
    ));
}

pub(crate) async fn dead_letters_tell_what_happened(bed: &Bed) {
    let before = std::time::SystemTime::now();
    let mut running = bed.run_with(
        |worker| vitrine_queue::ClassWorker {
            max_attempts: 2,
            ..worker
        },
        |delivery| match delivery.id.as_str() {
            "hopeless" => Outcome::Discard {
                reason: "no".to_owned(),
            },
            _ => Outcome::Retry {
                after: Duration::ZERO,
                reason: "not yet".to_owned(),
            },
        },
    );
    bed.push("hopeless").await;
    bed.until(|stats| stats.dead == 1).await;
    bed.push("unlucky").await;
    bed.until(|stats| stats.dead == 2).await;

    let letters = bed.queue.dead(&bed.class, 10).await.unwrap();

    let told: Vec<_> = letters
        .iter()
        .map(|letter| (letter.id.as_str(), letter.attempts, letter.reason.as_str()))
        .collect();
    assert_eq!(
        told,
        [("unlucky", 2, "attempt 2 of 2: not yet"), ("hopeless", 1, "no")]
    );
    for letter in letters {
        assert_eq!(
            (letter.group.as_str(), &*letter.payload),
            ("group", &b"payload"[..])
        );
        // Redis counts whole milliseconds of the same machine's clock.
        assert!(letter.died_at + Duration::from_millis(2) >= before);
        assert!(letter.died_at <= std::time::SystemTime::now() + Duration::from_millis(2));
    }
    running.ids(3).await;
    running.stop().await;
}
