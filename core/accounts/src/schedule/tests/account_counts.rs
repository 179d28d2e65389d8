//! Counts over all tenants.

use super::{Bed, WithSchedule, on_both_engines};
use crate::{AccountCounts, TOKEN_GROUPS};
use std::time::Duration;
use vitrine_entity::account::AccountStatus;

on_both_engines!(accounts_and_tokens_are_counted_in_their_groups);

async fn accounts_and_tokens_are_counted_in_their_groups(bed: Bed) {
    assert_eq!(
        bed.schedule().account_counts().await.unwrap(),
        AccountCounts::default()
    );
    bed.owner_of(3, bed.now()).await;
    bed.tokens().await;
    bed.owner_of(2, bed.now()).await;
    let lasts = bed.now();

    let account_counts = bed.schedule().account_counts().await.unwrap();
    assert_eq!(account_counts.accounts, [(AccountStatus::Active, 5)]);
    assert_eq!(account_counts.tokens.iter().sum::<u64>(), 3);

    let day = Duration::from_hours(24);
    for (left, group) in [
        (31 * day, "30_or_more"),
        (29 * day, "under_30"),
        (13 * day, "under_14"),
        (6 * day, "under_7"),
        (2 * day, "under_3"),
        (day / 2, "under_1"),
        (Duration::ZERO, "under_1"),
    ] {
        bed.clock.set(lasts - chrono::TimeDelta::from_std(left).unwrap());
        let account_counts = bed.schedule().account_counts().await.unwrap();
        let place = TOKEN_GROUPS.iter().position(|name| *name == group).unwrap();
        assert_eq!(account_counts.tokens[place], 3, "{left:?}: {account_counts:?}");
    }
    bed.clock.set(lasts + chrono::TimeDelta::seconds(1));
    assert_eq!(bed.schedule().account_counts().await.unwrap().tokens[0], 3);
}
