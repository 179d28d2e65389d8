//! How much a worker takes from the database at a time.

use std::time::{Duration, Instant};

/// Waiting jobs for each that runs. More would make the queue long without making it faster: it is filled
/// again ten times a second while there is more to do.
const WAITING_PER_HAND: usize = 16;
/// Fewer would make claims small, and a claim costs about the same whatever its size.
const LEAST_WAITING: usize = 1_000;
/// More than this waits in the queue for nobody.
const MOST_WAITING: usize = 10_000;
/// Rows that one claim takes at most.
const BATCH: u32 = 1_000;

/// The room that a class has in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct QueueCapacity {
    enough: u64,
}

impl QueueCapacity {
    /// For so many jobs at once.
    pub(crate) fn of(concurrency: usize) -> Self {
        let enough = (concurrency * WAITING_PER_HAND).clamp(LEAST_WAITING, MOST_WAITING);
        Self {
            enough: enough as u64,
        }
    }

    /// Rows to claim while `waiting` jobs wait; none until a quarter of the room is free, so that no claim is
    /// made for a handful.
    pub(crate) fn left(self, waiting: u64) -> u32 {
        let left = self.enough.saturating_sub(waiting);
        if left < self.enough / 4 {
            return 0;
        }
        u32::try_from(left).unwrap_or(BATCH).min(BATCH)
    }
}

/// Bounds how many rows are claimed in a second, however many are due: what an outage left is spread over
/// time. A second's worth may be claimed at once.
#[derive(Debug)]
pub(crate) struct ClaimRate {
    per_second: u32,
    left: f64,
    filled_at: Instant,
}

impl ClaimRate {
    pub(crate) fn new(per_second: u32, now: Instant) -> Self {
        Self {
            per_second,
            left: f64::from(per_second),
            filled_at: now,
        }
    }

    /// Rows that may be claimed now.
    pub(crate) fn allowance(&mut self, now: Instant) -> u32 {
        self.fill(now - self.filled_at);
        self.filled_at = now;
        // Never negative and never above a second's worth.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "bounded above"
        )]
        let whole = self.left as u32;
        whole
    }

    fn fill(&mut self, passed: Duration) {
        let most = f64::from(self.per_second);
        self.left = (self.left + most * passed.as_secs_f64()).min(most);
    }

    /// So many were.
    pub(crate) fn spend(&mut self, rows: u32) {
        self.left = (self.left - f64::from(rows)).max(0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_holds_what_its_workers_can_lease_soon() {
        assert_eq!(QueueCapacity::of(1).left(0), 1_000);
        assert_eq!(QueueCapacity::of(100).left(1_000), 600);
        assert_eq!(QueueCapacity::of(100_000).left(9_000), 0);
        assert_eq!(QueueCapacity::of(8).left(u64::MAX), 0);
    }

    #[test]
    fn nothing_is_claimed_for_a_handful() {
        assert_eq!(
            (QueueCapacity::of(8).left(751), QueueCapacity::of(8).left(750)),
            (0, 250)
        );
    }

    #[test]
    fn no_more_is_claimed_in_a_minute_than_a_minutes_worth() {
        let mut now = Instant::now();
        let mut claim_rate = ClaimRate::new(2_000, now);
        let mut claimed = 0;
        for _ in 0..600 {
            let rows = claim_rate.allowance(now).min(1_000);
            claim_rate.spend(rows);
            claimed += rows;
            now += Duration::from_millis(100);
        }

        assert!((120_000..=122_000).contains(&claimed), "{claimed}");
    }

    #[test]
    fn a_long_rest_saves_up_a_second_and_no_more() {
        let now = Instant::now();
        let mut claim_rate = ClaimRate::new(500, now);
        claim_rate.spend(500);

        assert_eq!(claim_rate.allowance(now), 0);
        assert_eq!(claim_rate.allowance(now + Duration::from_hours(7)), 500);
    }
}
