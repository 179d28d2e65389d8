//! How many jobs to hold, from how long they take.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// What is fetched ahead should be started within this time.
const AHEAD: Duration = Duration::from_millis(20);

/// Runs shorter than this are brief.
const BRIEF: Duration = Duration::from_micros(100);

/// The most that is ever fetched ahead of the running jobs.
const MOST_AHEAD: usize = 192;

/// A moving average of run times. Short jobs are fetched many at a time, because the way to Redis would
/// otherwise cost more than the work; long ones are left for whoever is free first.
#[derive(Debug, Default)]
pub(super) struct PrefetchSize {
    average_nanos: AtomicU64,
}

impl PrefetchSize {
    /// Takes in one run. Two at the same time may count as one.
    pub(super) fn observe(&self, run: Duration) {
        let run = u64::try_from(run.as_nanos())
            .unwrap_or(u64::MAX)
            .clamp(1, u64::MAX / 16);
        let average = self.average_nanos.load(Ordering::Relaxed);
        let next = if average == 0 {
            run
        } else {
            (average * 7 + run) / 8
        };
        self.average_nanos.store(next.max(1), Ordering::Relaxed);
    }

    /// Takes in that jobs fetched ahead did not get their turn: those that run now are long.
    pub(super) fn stalled(&self) {
        let long = u64::try_from(AHEAD.as_nanos())
            .unwrap_or(u64::MAX)
            .saturating_mul(16);
        self.average_nanos.fetch_max(long, Ordering::Relaxed);
    }

    /// Whether runs tend to be shorter than what it costs to hand them to another thread.
    pub(super) fn is_brief(&self) -> bool {
        let average = self.average_nanos.load(Ordering::Relaxed);
        average > 0 && average < BRIEF.as_nanos() as u64
    }

    /// How many jobs to hold beyond those that run, for a worker that runs this many at once.
    pub(super) fn ahead(&self, concurrency: usize) -> usize {
        match self.average_nanos.load(Ordering::Relaxed) {
            0 => 0,
            average => {
                let rounds = usize::try_from(AHEAD.as_nanos() as u64 / average).unwrap_or(MOST_AHEAD);
                rounds.saturating_mul(concurrency).min(MOST_AHEAD)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paced(run: Duration) -> PrefetchSize {
        let prefetch_size = PrefetchSize::default();
        prefetch_size.observe(run);
        prefetch_size
    }

    #[test]
    fn nothing_is_fetched_ahead_of_the_first_run() {
        assert_eq!(PrefetchSize::default().ahead(10), 0);
    }

    #[test]
    fn short_jobs_are_fetched_ahead_and_long_ones_are_not() {
        assert_eq!(paced(Duration::from_micros(1)).ahead(1), MOST_AHEAD);
        assert_eq!(paced(Duration::from_millis(5)).ahead(10), 40);
        assert_eq!(paced(Duration::from_secs(1)).ahead(100), 0);
    }

    #[test]
    fn after_a_stall_nothing_is_fetched_ahead_until_runs_are_short_again() {
        let prefetch_size = paced(Duration::from_micros(10));

        prefetch_size.stalled();
        assert_eq!(prefetch_size.ahead(1), 0);

        for _ in 0..40 {
            prefetch_size.observe(Duration::from_micros(10));
        }
        assert!(prefetch_size.ahead(1) > 0);
    }

    #[test]
    fn one_long_run_is_soon_noticed() {
        let prefetch_size = paced(Duration::from_micros(10));

        prefetch_size.observe(Duration::from_secs(1));

        assert_eq!(prefetch_size.ahead(10), 0);
    }
}
