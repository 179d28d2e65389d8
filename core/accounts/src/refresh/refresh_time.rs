//! When a token dies, and when it is renewed.

use crate::{Cadence, spread};
use std::time::Duration;
use vitrine_base::clock::later;
use vitrine_entity::Time;

/// What a token of unknown age is taken to live: what Instagram gives a new one.
const ASSUMED_LIFE: Duration = Duration::from_hours(60 * 24);
/// A refresh takes its turn so long before the end, at least.
const MARGIN: Duration = Duration::from_hours(1);
/// A token that lives for next to nothing is not renewed more often than this.
const LEAST_WAIT: Duration = Duration::from_hours(1);

/// What follows from the life that an answer names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Renewal {
    /// When the token dies.
    pub(crate) expires_at: Time,
    /// Whether that was assumed because nobody said.
    pub(crate) assumed: bool,
    /// When to renew it.
    pub(crate) next_refresh_at: Time,
    /// Whether it dies before Instagram is sure to renew it, so that somebody should look now.
    pub(crate) is_short: bool,
}

impl Cadence {
    /// The plan for a token that lives for so long from now. One of unknown life is refreshed as soon as Instagram
    /// takes it, to learn when it dies.
    pub(crate) fn renewal(&self, life: Option<Duration>, now: Time) -> Renewal {
        let earliest = later(now, self.refresh_min_age);
        let expires_at = later(now, life.unwrap_or(ASSUMED_LIFE));
        let is_short = self.is_short(now, expires_at);
        let next_refresh_at = match life {
            Some(life) if is_short => later(now, life.mul_f64(0.75).max(LEAST_WAIT)),
            Some(life) => {
                let latest = later(earliest, life.saturating_sub(self.refresh_min_age) / 2);
                spread(now, self.refresh_every).max(earliest).min(latest)
            }
            None => earliest,
        };
        Renewal {
            expires_at,
            assumed: life.is_none(),
            next_refresh_at,
            is_short,
        }
    }

    /// From when on a token may be renewed: Instagram wants it to be of age. One that dies before that is tried all
    /// the same.
    pub(crate) fn refreshable_from(&self, born: Time, expires_at: Time) -> Time {
        match self.is_short(born, expires_at) {
            true => born,
            false => later(born, self.refresh_min_age),
        }
    }

    fn is_short(&self, born: Time, expires_at: Time) -> bool {
        expires_at < later(born, self.refresh_min_age + MARGIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrine_base::clock::{Clock, TestClock};

    const CADENCE: Cadence = Cadence {
        sync_every: Duration::from_hours(3),
        refresh_every: Duration::from_hours(7 * 24),
        refresh_min_age: Duration::from_hours(25),
    };

    #[test]
    fn whatever_life_is_named_the_refresh_lies_before_the_end_or_somebody_looks() {
        let now = TestClock::new().now();
        let hours = [0, 1, 2, 12, 24, 25, 26, 27, 48, 100, 24 * 60, 24 * 365 * 100];
        for life in hours.map(Duration::from_hours) {
            let plan = CADENCE.renewal(Some(life), now);
            assert_eq!((plan.expires_at, plan.assumed), (later(now, life), false));
            assert!(
                plan.next_refresh_at < plan.expires_at || plan.is_short,
                "{life:?}: {plan:?}"
            );
            assert!(
                plan.next_refresh_at >= later(now, LEAST_WAIT),
                "{life:?}: {plan:?}"
            );
            let from = CADENCE.refreshable_from(now, plan.expires_at);
            assert!(from <= plan.next_refresh_at, "{life:?}: {plan:?}");
        }
    }

    #[test]
    fn only_a_token_that_dies_within_a_day_is_short() {
        let now = TestClock::new().now();
        let is_short = |hours| CADENCE.renewal(Some(Duration::from_hours(hours)), now).is_short;

        assert!(is_short(0) && is_short(1) && is_short(25));
        assert!(!is_short(26) && !is_short(24 * 60));
    }

    #[test]
    fn a_life_that_nobody_names_is_assumed_and_learnt_soon() {
        let now = TestClock::new().now();

        let plan = CADENCE.renewal(None, now);

        assert!(plan.assumed && !plan.is_short);
        assert_eq!(plan.expires_at, later(now, ASSUMED_LIFE));
        assert_eq!(plan.next_refresh_at, later(now, CADENCE.refresh_min_age));
    }
}
