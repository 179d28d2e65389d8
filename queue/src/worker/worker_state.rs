//! What the parts of one class's worker share.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{
    buffer::{Buffer, BufferedJob},
    handler::Handler,
    lease_table::LeaseTable,
    prefetch_size::PrefetchSize,
};
use crate::{
    ClassName, Delivery, Outcome,
    liveness::Liveness,
    meters::ClassMeters,
    store::{Disposition, FetchRequest, Settlement, Store},
};

/// One class as one process works on it.
pub(super) struct WorkerState {
    pub(super) class: ClassName,
    pub(super) concurrency: usize,
    pub(super) lease: Duration,
    pub(super) max_attempts: u32,
    pub(super) handler: Arc<dyn Handler>,
    pub(super) store: Arc<dyn Store>,
    pub(super) liveness: Arc<Liveness>,
    pub(super) meters: ClassMeters,
    pub(super) lease_table: LeaseTable,
    pub(super) buffer: Buffer,
    pub(super) prefetch_size: PrefetchSize,
    pub(super) settlements: mpsc::UnboundedSender<Settlement>,
    /// Cancelled to stop fetching and give back what has not started.
    pub(super) stop: CancellationToken,
    /// Cancelled when nothing more will be fetched.
    pub(super) fed: CancellationToken,
    /// Set while settlements cannot be delivered. Fetching then would take back our own leases that ran out
    /// and run jobs again that are done.
    pub(super) stuck: AtomicBool,
}

impl WorkerState {
    /// A fetch for this many jobs.
    pub(super) fn order(&self, most: usize) -> FetchRequest {
        FetchRequest {
            most,
            lease: self.lease,
            max_attempts: self.max_attempts,
        }
    }

    /// How many jobs to fetch now: none until the buffer is half empty, so that fetches stay large.
    pub(super) fn room(&self) -> usize {
        if self.stuck.load(Ordering::Acquire) {
            return 0;
        }
        let ahead = self.prefetch_size.ahead(self.concurrency);
        if self.buffer.len() > ahead / 2 {
            return 0;
        }
        (self.concurrency + ahead).saturating_sub(self.lease_table.len())
    }

    /// The view of a job that its handler gets.
    pub(super) fn delivery(&self, held: BufferedJob) -> Delivery {
        Delivery {
            id: held.job.id,
            class: self.class.clone(),
            group: held.job.group,
            payload: held.job.payload,
            attempt: held.job.attempts.saturating_add(1),
            max_attempts: self.max_attempts,
            lease_lost: held.lost,
        }
    }

    /// Sends the end of a lease on its way, unless the lease is lost.
    pub(super) fn settle(&self, settlement: Settlement) {
        if self.lease_table.settling(&settlement.lease) {
            // The receiver lives as long as the station's flusher; after that the lease runs out by itself.
            let _ = self.settlements.send(settlement);
        }
    }

    /// Gives back all jobs that have not started.
    pub(super) fn give_back(&self) {
        // Last first, because each one is put in front of those before it.
        for held in self.buffer.clear().into_iter().rev() {
            self.release(held);
        }
    }

    /// Gives back one job that has not started.
    pub(super) fn release(&self, held: BufferedJob) {
        self.settle(Settlement {
            lease: held.job.lease,
            disposition: Disposition::Release,
        });
    }

    /// Gives back everything whose end is not on its way: its handlers were cut off.
    pub(super) fn abandon(&self) {
        let cut_off = self.lease_table.unsettled();
        if !cut_off.is_empty() {
            tracing::warn!(job.class = %self.class, jobs = cut_off.len(), "jobs were cut off");
        }
        for lease in cut_off {
            self.settle(Settlement {
                lease,
                disposition: Disposition::Release,
            });
        }
    }

    /// What an outcome means for the lease of a job on this attempt.
    pub(super) fn disposition(&self, outcome: Outcome, attempt: u32) -> Disposition {
        match outcome {
            Outcome::Done => Disposition::Done,
            Outcome::Later(after) => Disposition::Later(after),
            Outcome::Discard { reason } => Disposition::Bury(reason),
            Outcome::Retry { after, .. } if attempt < self.max_attempts => Disposition::Again(after),
            Outcome::Retry { reason, .. } => {
                Disposition::Bury(format!("attempt {attempt} of {}: {reason}", self.max_attempts))
            }
        }
    }
}
