//! How long the app cools down when Instagram asks it to.
//!
//! It is bounded, whatever answers say: an hour at a time, and the app is open for half an hour before the next.

use std::{cmp::min, time::Duration};
use vitrine_base::clock::{later, until};
use vitrine_entity::{Time, incident};

/// The app cools down for no longer than this in one piece; Instagram counts its calls over an hour.
const LONGEST: Duration = Duration::from_hours(1);
/// Cooldown that is asked for sooner after the last one goes on with that one.
const OPEN_BETWEEN: Duration = Duration::from_mins(30);

/// From when until when the app cools down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CooldownSpan {
    pub(crate) since: Time,
    pub(crate) until: Time,
}

impl CooldownSpan {
    /// What a row says.
    pub(crate) fn of(row: &incident::Model) -> Self {
        Self {
            since: row.opened_at,
            until: row.closed_until,
        }
    }

    /// This cooldown or a new one, after an answer asked for `wait`.
    pub(crate) fn asked(known: Option<Self>, now: Time, wait: Duration) -> Self {
        let goes_on = |known: &Self| known.since <= now && now < later(known.until, OPEN_BETWEEN);
        let since = known.filter(goes_on).map_or(now, |known| known.since);
        let end = min(later(now, wait), later(since, LONGEST));
        Self { since, until: end }
    }
}

/// Until when the app cools down; none when it does not.
pub(crate) fn cooldown_end(row: &incident::Model, now: Time) -> Option<Time> {
    let span = CooldownSpan::of(row);
    (span.until > now && until(now, span.until) <= LONGEST).then_some(span.until)
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrine_base::clock::{Clock, TestClock};
    use vitrine_entity::incident::APP_COOLDOWN;

    const MINUTE: Duration = Duration::from_mins(1);

    /// Minutes of a day that the app cools down when every call that it makes is answered with `wait`.
    fn cooldown_minutes(wait: Duration) -> usize {
        let (clock, mut known) = (TestClock::new(), None);
        let minutes = (0..24 * 60).filter(|_| {
            clock.advance(MINUTE);
            let is_open = known.is_none_or(|known: CooldownSpan| known.until <= clock.now());
            if is_open {
                known = Some(CooldownSpan::asked(known, clock.now(), wait));
            }
            known.is_some_and(|known| known.until > clock.now())
        });
        minutes.count()
    }

    #[test]
    fn answers_that_never_stop_asking_for_quiet_leave_the_app_open_a_third_of_the_time() {
        for wait in [10 * MINUTE, 60 * MINUTE, Duration::from_hours(7 * 24)] {
            let cooldown = cooldown_minutes(wait);
            assert!(
                (600..=24 * 40 + 60).contains(&cooldown),
                "{cooldown} minutes for {wait:?}"
            );
        }
    }

    #[test]
    fn a_quiet_long_after_the_last_one_is_granted_whole() {
        let now = TestClock::new().now();
        let last = CooldownSpan {
            since: now - chrono::TimeDelta::minutes(50),
            until: now - chrono::TimeDelta::minutes(40),
        };

        let asked = CooldownSpan::asked(Some(last), now, 60 * MINUTE);

        assert_eq!((asked.since, asked.until), (now, later(now, 60 * MINUTE)));
    }

    #[test]
    fn a_clock_that_was_set_back_ends_a_quiet() {
        let now = TestClock::new().now();
        let row = incident::Model {
            scope: APP_COOLDOWN.to_owned(),
            reason: String::new(),
            opened_at: later(now, Duration::from_hours(5)),
            closed_until: later(now, Duration::from_hours(6)),
            probe_until: None,
            failed_probes: 0,
            reopened: 0,
            partial_tenants: None,
        };

        assert_eq!(cooldown_end(&row, now), None);
    }
}
