//! What is forgotten of jobs, and what is not.

use super::JobHistory;
use crate::schedule::tests::WithSchedule;
use chrono::TimeDelta;
use std::{sync::Arc, time::Duration};
use vitrine_base::testing::{Bed, on_both_engines};
use vitrine_entity::Time;

on_both_engines!(old_jobs_are_forgotten_in_batches_and_open_ones_are_not);

const KEEP: Duration = Duration::from_hours(30 * 24);

/// A job for each account that has none.
async fn jobs(bed: &Bed, queued: Time, finished: Option<Time>) {
    let statement =
        "insert into job (id, tenant_id, account_id, kind, status, attempts, queued_at, finished_at)
        select id, tenant_id, id, 'sync_media', case when $2 is null then 'queued' else 'dead' end, 1, $1, $2
        from account where id not in (select account_id from job)";
    let statement = match finished {
        Some(_) => statement.replace("case when $2 is null then 'queued' else 'dead' end", "'dead'"),
        None => statement
            .replace("case when $2 is null then 'queued' else 'dead' end", "'queued'")
            .replace(", $2", ", null"),
    };
    let mut values = vec![queued.into()];
    values.extend(finished.map(Into::into));
    bed.execute(&statement, values).await;
}

async fn old_jobs_are_forgotten_in_batches_and_open_ones_are_not(bed: Bed) {
    let (now, old) = (bed.now(), bed.now() - TimeDelta::days(31));
    for (accounts, finished) in [
        (2_500, Some(old)),
        (10, Some(now - TimeDelta::days(29))),
        (5, None),
    ] {
        bed.owner_of(accounts, now).await;
        jobs(&bed, old, finished).await;
    }
    let history = || JobHistory::new(bed.database.clone(), Arc::new(bed.clock.clone()));
    let (one, other) = (history(), history());

    let (first, second) = tokio::join!(one.prune(KEEP, 1_000), other.prune(KEEP, 1_000));
    let (first, second) = (first.unwrap(), second.unwrap());
    assert!(first <= 1_000 && second <= 1_000);
    let mut forgotten = first + second;
    for _ in 0..5 {
        forgotten += one.prune(KEEP, 1_000).await.unwrap();
    }

    assert_eq!(forgotten, 2_500);
    assert_eq!(bed.count("job where finished_at is null", []).await, 5);
    assert_eq!(bed.count("job", []).await, 15);
}
