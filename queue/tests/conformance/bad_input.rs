//! What a caller may get wrong.

use std::time::Duration;

use bytes::Bytes;
use vitrine_queue::{NewJob, Outcome, QueueError};

use crate::bed::Bed;

const MEBIBYTE: usize = 1 << 20;

pub(crate) async fn an_absurd_delay_is_a_long_one(bed: &Bed) {
    let mut running = bed.run(|delivery| match delivery.id.as_str() {
        "later" => Outcome::Later(Duration::MAX),
        _ => Outcome::Retry {
            after: Duration::MAX,
            reason: "absurd".to_owned(),
        },
    });
    bed.queue
        .push(&[
            bed.delayed("pushed", Duration::MAX),
            bed.job("later"),
            bed.job("retried"),
        ])
        .await
        .unwrap();
    running.ids(2).await;

    bed.until(|stats| (stats.ready, stats.delayed, stats.leased) == (0, 3, 0))
        .await;

    bed.push("next").await;
    assert_eq!(running.next().await.id.as_str(), "next");
    running.stop().await;
}

pub(crate) async fn ids_and_payloads_have_limits(bed: &Bed) {
    let large = |bytes| NewJob {
        payload: Bytes::from(vec![b'x'; bytes]),
        ..bed.job("large")
    };
    let good = bed.job("good");
    let push = async |bad: NewJob| bed.queue.push(&[good.clone(), bad]).await.unwrap_err();

    assert!(matches!(push(bed.job("")).await, QueueError::IdLength(0)));
    assert!(matches!(
        push(bed.job(&"x".repeat(513))).await,
        QueueError::IdLength(513)
    ));
    assert!(matches!(
        push(large(MEBIBYTE + 1)).await,
        QueueError::PayloadTooLong { bytes, .. } if bytes == MEBIBYTE + 1
    ));
    let group = bed.job_of(&"g".repeat(65_536), "grouped");
    assert!(matches!(push(group).await, QueueError::GroupTooLong(_)));
    assert_eq!(bed.stats().await, Default::default());

    let longest = NewJob {
        id: "x".repeat(512).as_str().into(),
        ..large(MEBIBYTE)
    };
    assert_eq!(bed.queue.push(std::slice::from_ref(&longest)).await.unwrap(), 1);
    let mut running = bed.run(|_| Outcome::Done);
    let delivery = running.next().await;
    assert_eq!((delivery.id, delivery.payload), (longest.id, longest.payload));
    running.stop().await;
}

pub(crate) async fn large_payloads_arrive(bed: &Bed) {
    let jobs: Vec<_> = (0..20)
        .map(|number| NewJob {
            payload: Bytes::from(vec![number; MEBIBYTE]),
            ..bed.job(&number.to_string())
        })
        .collect();
    assert_eq!(bed.queue.push(&jobs).await.unwrap(), 20);
    let mut running = bed.run(|_| Outcome::Done);
    for job in jobs {
        assert_eq!(running.next().await.payload, job.payload);
    }
    running.stop().await;
}
