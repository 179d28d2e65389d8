//! Requests that are counted for the tenant.

use super::{ask, shown};
use crate::support::{Engines, Installation, database, on_both_pairs};
use vitrine_entity::{TenantOwned, usage_day};

on_both_pairs!(what_visitors_ask_for_is_counted_through_a_stop);

/// Requests that are written down for the only tenant.
async fn written_down(vitrine: &Installation) -> i64 {
    let days = usage_day::Entity::across_tenants()
        .all(database(vitrine).await.connection())
        .await
        .unwrap();
    days.into_iter().map(|day| day.feed_requests).sum()
}

async fn what_visitors_ask_for_is_counted_through_a_stop(engines: Engines) {
    let mut vitrine = Installation::start(engines).await;
    let (path, key) = shown(&vitrine).await;
    let path = format!("{path}&key={key}");
    vitrine.restart().await;
    let before = written_down(&vitrine).await;

    for _ in 0..25 {
        assert_eq!(ask(&vitrine, &path, &[]).await.1, 200);
    }
    vitrine.restart().await;

    assert_eq!(written_down(&vitrine).await - before, 25);
}
