//! How many documents a process writes at once for readers who wait, and for how long.

use super::TaskError;
use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::timeout;
use vitrine_entity::TenantId;

/// Documents at once. Each holds a connection to the database, and one moment of it, for as long as it is read.
const AT_ONCE: usize = 2;
/// How long one is written. Whoever reads more slowly has it written by a worker.
const LONGEST: Duration = Duration::from_mins(5);

/// The places of a process, one for each tenant at most.
#[derive(Debug, Default)]
pub(super) struct ExportSlots {
    taken: Mutex<HashSet<TenantId>>,
}

/// A place, which is free again once this is dropped.
struct ExportSlot<'p> {
    slots: &'p ExportSlots,
    tenant: TenantId,
}

impl ExportSlots {
    /// Has a document written in a place of the tenant's.
    ///
    /// # Errors
    /// [`TaskError::Busy`] where none is free, [`TaskError::ReaderGone`] when it takes too long; else what `writing`
    /// says.
    pub(super) async fn with_slot(
        &self,
        tenant: TenantId,
        writing: impl Future<Output = Result<(), TaskError>>,
    ) -> Result<(), TaskError> {
        let _place = self.take(tenant).ok_or(TaskError::Busy)?;
        timeout(LONGEST, writing)
            .await
            .unwrap_or(Err(TaskError::ReaderGone))
    }

    fn take(&self, tenant: TenantId) -> Option<ExportSlot<'_>> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let is_free = taken.len() < AT_ONCE && taken.insert(tenant);
        is_free.then(|| ExportSlot { slots: self, tenant })
    }
}

impl Drop for ExportSlot<'_> {
    fn drop(&mut self) {
        let mut taken = self.slots.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.remove(&self.tenant);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::{pending, ready};

    #[tokio::test(start_paused = true)]
    async fn slow_readers_of_one_tenant_leave_room_for_others() {
        let slots = ExportSlots::default();
        let (slow, other) = (TenantId::generate(), TenantId::generate());
        let reading = slots.with_slot(slow, pending());
        tokio::pin!(reading);
        assert!(futures::poll!(&mut reading).is_pending());

        let again = slots.with_slot(slow, ready(Ok(()))).await;
        assert!(matches!(again, Err(TaskError::Busy)), "{again:?}");
        slots.with_slot(other, ready(Ok(()))).await.unwrap();

        let ended = timeout(LONGEST + Duration::from_secs(1), reading).await.unwrap();
        assert!(matches!(ended, Err(TaskError::ReaderGone)), "{ended:?}");
        slots.with_slot(slow, ready(Ok(()))).await.unwrap();
    }

    #[test]
    fn two_documents_are_written_at_once() {
        let slots = ExportSlots::default();
        let third = TenantId::generate();
        let first = slots.take(TenantId::generate());
        let _second = slots.take(TenantId::generate()).unwrap();

        assert!(slots.take(third).is_none());
        drop(first.unwrap());
        assert!(slots.take(third).is_some());
    }
}
