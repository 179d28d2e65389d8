//! Counting events over a rolling span of time in little memory.

use std::collections::VecDeque;

/// Events of the last `width` seconds, known to the nearest `grain` seconds (never too few).
#[derive(Debug, Clone)]
pub(crate) struct RollingCount {
    width: i64,
    grain: i64,
    buckets: VecDeque<(i64, u64)>,
    total: u64,
}

impl RollingCount {
    pub(crate) fn new(width: i64, grain: i64) -> Self {
        Self {
            width,
            grain: grain.max(1),
            buckets: VecDeque::new(),
            total: 0,
        }
    }

    /// Counts one event; gives how many there are now, itself included.
    pub(crate) fn add(&mut self, now: i64) -> u64 {
        self.forget(now);
        let bucket = now.div_euclid(self.grain) * self.grain;
        match self.buckets.back_mut() {
            Some((newest, count)) if *newest >= bucket => *count += 1,
            _ => self.buckets.push_back((bucket, 1)),
        }
        self.total += 1;
        self.total
    }

    /// Seconds until fewer than `limit` events are left when no more come; 0 when so already.
    pub(crate) fn seconds_until_below(&self, limit: u64, now: i64) -> i64 {
        let mut left = self.total;
        for (bucket, count) in &self.buckets {
            if left < limit {
                break;
            }
            left -= count;
            if left < limit {
                return (bucket + self.grain + self.width - now).max(1);
            }
        }
        0
    }

    fn forget(&mut self, now: i64) {
        while let Some((oldest, count)) = self.buckets.front().copied() {
            if oldest + self.grain + self.width > now {
                break;
            }
            self.total -= count;
            self.buckets.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_leave_after_the_span_and_not_before() {
        let mut count = RollingCount::new(3_600, 1);
        assert_eq!(count.add(100), 1);
        assert_eq!(count.add(200), 2);
        assert_eq!(count.seconds_until_below(2, 3_700), 1);
        assert_eq!(count.seconds_until_below(1, 3_700), 101);
        assert_eq!(count.seconds_until_below(3, 3_700), 0);
        assert_eq!(count.add(3_700), 3);
        assert_eq!(count.add(3_701), 3);
        assert_eq!(count.add(9_000), 1);
    }
}
