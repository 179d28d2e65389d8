//! What a repair did, and what is said of it.

/// Rows that one look pulls back at most.
pub(super) const BATCH: u32 = 1_000;

/// Rows that were pulled back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Repaired {
    /// Accounts whose next sync was impossibly far away.
    pub syncs: u64,
    /// Tokens whose next refresh was.
    pub refreshes: u64,
    /// Jobs whose next look was.
    pub jobs: u64,
    /// Due rows whose lease would have ended impossibly late.
    pub leases: u64,
    /// What waits beside the schedule and was put off impossibly far.
    pub waiting: Waiting,
}

impl Repaired {
    /// Whether a further look may find more.
    #[must_use]
    pub fn is_full(&self) -> bool {
        let batch = u64::from(BATCH);
        let Waiting {
            tasks,
            letters,
            deletions,
        } = self.waiting;
        [
            self.syncs,
            self.refreshes,
            self.jobs,
            self.leases,
            tasks,
            letters,
            deletions,
        ]
        .iter()
        .any(|rows| *rows >= batch)
    }

    /// Says it in log and metrics.
    pub(super) fn report(&self) {
        let columns = [
            ("next_sync_at", self.syncs),
            ("next_refresh_at", self.refreshes),
            ("run_at", self.jobs),
            ("lease_until", self.leases),
            ("tenant_task.run_at", self.waiting.tasks),
            ("next_attempt_at", self.waiting.letters),
            ("not_before", self.waiting.deletions),
        ];
        for (column, rows) in columns.into_iter().filter(|(_, rows)| *rows > 0) {
            metrics::counter!("vitrine_schedule_impossible_times_total", "column" => column).increment(rows);
            tracing::warn!(
                schedule.column = column,
                rows,
                "impossible times were pulled back; did a clock jump?"
            );
        }
    }
}

/// Rows that were pulled back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Tasks of tenants.
    pub tasks: u64,
    /// Emails.
    pub letters: u64,
    /// Deletions that a person asked for, and leases of deletions.
    pub deletions: u64,
}
