//! Counting and reading over both engines.

use super::*;
use std::{sync::Arc, time::Duration};
use vitrine_base::testing::{Bed, on_both_engines};
use vitrine_entity::{InstallationOwned, tenant};

on_both_engines!(
    counts_are_added_to_their_day,
    a_tenant_that_is_gone_spoils_nobodys_count,
    ranges_that_nobody_can_mean_are_refused,
);

fn parts(bed: &Bed) -> (UsageCounter, UsageReports) {
    let clock = Arc::new(bed.clock.clone());
    (
        UsageCounter::new(bed.database.clone(), clock.clone()),
        UsageReports::new(bed.database.clone(), clock),
    )
}

async fn counts_are_added_to_their_day(bed: Bed) {
    let (tenant, other) = (bed.tenant().await, bed.tenant().await);
    let (usage_counter, reports) = parts(&bed);
    for _ in 0..2 {
        usage_counter.call(tenant);
        usage_counter.call(tenant);
        usage_counter.sync(tenant);
        usage_counter.flush().await;
    }
    let yesterday = bed.now().date_naive();
    bed.clock.advance(Duration::from_hours(24));
    usage_counter.call(tenant);
    usage_counter.flush().await;
    usage_counter.flush().await;

    let days = reports.read(tenant, None, None).await.unwrap();

    assert_eq!(days.len(), 30);
    let counts: Vec<_> = days[28..]
        .iter()
        .map(|day| (day.syncs, day.graph_calls))
        .collect();
    assert_eq!((counts, days[28].day), (vec![(2, 4), (0, 1)], yesterday));
    assert!(days[..28].iter().all(|day| day.graph_calls == 0));
    let others = reports.read(other, None, None).await.unwrap();
    assert!(others.iter().all(|day| day.graph_calls == 0));
}

async fn a_tenant_that_is_gone_spoils_nobodys_count(bed: Bed) {
    let (tenant, gone) = (bed.tenant().await, bed.tenant().await);
    let (usage_counter, reports) = parts(&bed);
    usage_counter.call(tenant);
    usage_counter.call(gone);
    let gone = tenant::Entity::delete_row(gone);
    gone.exec(bed.database.connection()).await.unwrap();

    usage_counter.flush().await;
    usage_counter.flush().await;

    let days = reports.read(tenant, None, None).await.unwrap();
    assert_eq!(days.last().unwrap().graph_calls, 1);
}

async fn ranges_that_nobody_can_mean_are_refused(bed: Bed) {
    let (_, reports) = parts(&bed);
    let tenant = bed.tenant().await;
    let day = |text: &str| Some(text.parse().unwrap());

    for (from, to) in [
        (day("2026-02-02"), day("2026-02-01")),
        (day("2025-01-01"), day("2026-01-02")),
        (day("-262143-01-01"), None),
        (day("-262143-01-01"), day("+262142-12-31")),
        (day("+10000-01-01"), day("+10000-01-01")),
        (None, day("-262143-01-01")),
    ] {
        let refused = reports.read(tenant, from, to).await;
        assert!(matches!(refused, Err(UsageError::Invalid(_))), "{from:?} {to:?}");
    }
    for (from, to, days) in [
        (day("2025-01-01"), day("2026-01-01"), 366),
        (day("2026-01-01"), day("2026-01-01"), 1),
        (None, day("1970-01-01"), 30),
    ] {
        let read = reports.read(tenant, from, to).await;
        assert_eq!(read.unwrap().len(), days, "{from:?} {to:?}");
    }
}
