//! Tasks that are asked for under wrong clocks, and at once.

use super::*;
use chrono::TimeDelta;
use std::sync::Arc;
use vitrine_base::{
    clock::{Clock, SystemClock},
    security::MasterKey,
    testing::{Bed, WrongClock, on_both_engines},
};

on_both_engines!(
    a_clock_that_is_wrong_shortens_no_grace,
    one_document_is_written_for_a_tenant_at_once,
);

/// Whoever reads a document to its end.
struct Reader;

impl Sink for Reader {
    async fn put(&mut self, _part: Vec<u8>, _done: u64, _total: u64) -> Result<(), TaskError> {
        Ok(())
    }
}

fn tasks(bed: &Bed, clock: SharedClock, grace: Duration) -> TenantTasks {
    let ring = KeyRing::from_master_key(&MasterKey::from_bytes([1; 32]), clock.clone());
    TenantTasks::new(bed.database.clone(), clock, &ring, grace)
}

async fn a_clock_that_is_wrong_shortens_no_grace(bed: Bed) {
    let (week, right) = (TimeDelta::days(7), Arc::new(SystemClock));
    SafeTime::new(bed.database.clone(), right).now().await.unwrap();
    for days in [-8, 8] {
        let clock = Arc::new(WrongClock::ahead_by(TimeDelta::days(days)));
        let tasks = tasks(&bed, clock, week.to_std().unwrap());

        let task = tasks.request_deletion(bed.tenant().await).await.unwrap();

        let begins = task.run_at.unwrap();
        assert!(
            begins - SystemClock.now() > week - TimeDelta::minutes(1),
            "{days} {begins}"
        );
    }
}

async fn one_document_is_written_for_a_tenant_at_once(bed: Bed) {
    let tasks = tasks(&bed, Arc::new(bed.clock.clone()), Duration::ZERO);
    let tenant = bed.tenant().await;
    let reading = tasks.export_now(tenant, Reader);
    tokio::pin!(reading);
    assert!(futures::poll!(&mut reading).is_pending());

    let again = tasks.export_now(tenant, Reader).await;

    assert!(matches!(again, Err(TaskError::Busy)), "{again:?}");
    reading.await.unwrap();
    tasks.export_now(tenant, Reader).await.unwrap();
}
