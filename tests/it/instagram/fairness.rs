//! Tenants share the workers fairly, whatever one of them has due.

use crate::support::{Engines, Fleet, Installation, Plan, Size};
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use std::{collections::HashSet, time::Duration};
use vitrine_entity::{TenantId, TenantOwned, account};
use vitrine_test_support::wait_until;

const SMALL_TENANTS: usize = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_accounts_of_one_tenant_do_not_hold_back_the_one_of_another() {
    let plan = Plan {
        workers: 0,
        ..Plan::on(Engines::Distributed)
    };
    let mut vitrine = Installation::start_as(plan.with("VITRINE_LOG", "warn")).await;
    let size = Size {
        tenants: SMALL_TENANTS + 1,
        accounts: 10_000 + SMALL_TENANTS,
        refresh_each: 0,
    };
    let fleet = Fleet::due_mostly_of_one(&vitrine, size).await;
    let connection = fleet.database.connection();
    vitrine.start_workers(1).await;

    let synced = account::Entity::across_tenants().filter(account::Column::SyncedAt.is_not_null());
    let enough = wait_until(Duration::from_secs(60), async || {
        synced.clone().count(connection).await.unwrap() >= 500
    });
    enough.await.unwrap();
    let first: Vec<TenantId> = synced
        .order_by_asc(account::Column::SyncedAt)
        .limit(300)
        .select_only()
        .column(account::Column::TenantId)
        .into_tuple()
        .all(connection)
        .await
        .unwrap();

    let tenants: HashSet<TenantId> = first.into_iter().collect();
    assert_eq!(tenants.len(), SMALL_TENANTS + 1);
}
