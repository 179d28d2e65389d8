//! How the engines answer a claim.

use super::{Bed, WithSchedule, on_both_engines};
use crate::schedule::{REFRESHES, SYNCS};
use chrono::TimeDelta;
use sea_orm::{ConnectionTrait, DatabaseBackend, EntityTrait, Statement};
use std::time::Duration;
use vitrine_base::{
    background::leased_work::{FairClaim, LeasedRows},
    clock::later,
};

on_both_engines!(a_claim_reads_indexes_only);

async fn plan<E: EntityTrait>(bed: &Bed, rows: &LeasedRows<E>, without_paused: bool) -> String {
    let connection = bed.database.connection();
    let backend = connection.get_database_backend();
    let claim = FairClaim {
        now: bed.now(),
        until: later(bed.now(), Duration::from_mins(5)),
        most: 100,
        without_paused,
    };
    let statement = rows.fair_claim(backend, claim);
    let (explain, column) = match backend {
        DatabaseBackend::Postgres => ("explain", "QUERY PLAN"),
        _ => ("explain query plan", "detail"),
    };
    let statement = Statement {
        sql: format!("{explain} {}", statement.sql),
        ..statement
    };
    let rows = connection.query_all_raw(statement).await.unwrap();
    let lines = rows.iter().map(|row| row.try_get::<String>("", column).unwrap());
    lines.collect::<Vec<_>>().join("\n")
}

async fn a_claim_reads_indexes_only(bed: Bed) {
    bed.owner_of(40_000, bed.now() + TimeDelta::hours(1)).await;
    bed.owner_of(1_000, bed.now() - TimeDelta::hours(1)).await;
    bed.tokens().await;
    bed.execute("analyze", []).await;

    for without_paused in [false, true] {
        let plan = plan(&bed, &SYNCS, without_paused).await;
        reads_index_only(&plan, "ix_account__next_sync_at");
    }
    let plan = plan(&bed, &REFRESHES, false).await;
    reads_index_only(&plan, "ix_account_token__next_refresh_at");
}

fn reads_index_only(plan: &str, index: &str) {
    assert!(plan.contains(index), "{index} is not used:\n{plan}");
    for table in ["account", "account_token"] {
        let scans = [format!("Seq Scan on {table}"), format!("SCAN {table}\n")];
        assert!(scans.iter().all(|scan| !plan.contains(scan)), "{plan}");
    }
}
