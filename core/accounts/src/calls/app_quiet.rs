//! Quiet that Instagram asked the whole app for. A row of the database, as an incident is, so that it holds for
//! every process, outlives Redis, and can be lifted by hand.
//!
//! It is bounded, whatever answers say: an hour at a time, and the app is open for half an hour before the next.

use crate::Breaker;
use sea_orm::{ActiveValue::Set, DbErr, EntityTrait, sea_query::OnConflict};
use std::{cmp::min, time::Duration};
use vitrine_base::clock::{later, until};
use vitrine_entity::{
    Time,
    incident::{self, APP_QUIET, Column, Entity},
};

/// The app keeps quiet for no longer than this in one piece; Instagram counts its calls over an hour.
const LONGEST: Duration = Duration::from_hours(1);
/// Quiet that is asked for sooner after the last one goes on with that one.
const OPEN_BETWEEN: Duration = Duration::from_mins(30);
/// An end that is later by less is not worth a row.
const WORTH_WRITING: Duration = Duration::from_mins(1);

/// From when until when the app keeps quiet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    since: Time,
    until: Time,
}

impl Span {
    fn of(row: &incident::Model) -> Self {
        Self {
            since: row.opened_at,
            until: row.closed_until,
        }
    }

    /// This quiet or a new one, after an answer asked for `wait`.
    fn asked(known: Option<Self>, now: Time, wait: Duration) -> Self {
        let goes_on = |known: &Self| known.since <= now && now < later(known.until, OPEN_BETWEEN);
        let since = known.filter(goes_on).map_or(now, |known| known.since);
        let end = min(later(now, wait), later(since, LONGEST));
        Self { since, until: end }
    }
}

impl Breaker {
    /// Instagram asked the app for quiet. Gives its end, which has passed when the app has been quiet for long enough.
    pub(crate) async fn quieten(&self, reason: &str, wait: Duration) -> Result<Time, DbErr> {
        let now = self.clock.now();
        let known = self.state().await?.quiet.as_ref().map(Span::of);
        let asked = Span::asked(known, now, wait);
        let known_end = known.map_or(now, |known| known.until.max(now));
        if until(known_end, asked.until) < WORTH_WRITING {
            return Ok(known_end);
        }
        self.write_quiet(reason, asked).await?;
        metrics::counter!("vitrine_app_quiets_total", "reason" => reason.to_owned()).increment(1);
        tracing::warn!(reason, until = %asked.until, "instagram asked the app for quiet");
        Ok(asked.until)
    }

    async fn write_quiet(&self, reason: &str, span: Span) -> Result<(), DbErr> {
        let row = incident::ActiveModel {
            scope: Set(APP_QUIET.to_owned()),
            reason: Set(reason.to_owned()),
            opened_at: Set(span.since),
            closed_until: Set(span.until),
            probe_until: Set(None),
            failed_probes: Set(0),
            reopened: Set(0),
            partial_tenants: Set(None),
        };
        let replace = OnConflict::column(Column::Scope)
            .update_columns([Column::Reason, Column::OpenedAt, Column::ClosedUntil])
            .to_owned();
        Entity::insert(row)
            .on_conflict(replace)
            .exec_without_returning(self.database.connection())
            .await?;
        self.forget();
        Ok(())
    }
}

/// Until when the app keeps quiet; none when it does not.
pub(crate) fn quiet_end(row: &incident::Model, now: Time) -> Option<Time> {
    let span = Span::of(row);
    (span.until > now && until(now, span.until) <= LONGEST).then_some(span.until)
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrine_base::clock::{Clock, TestClock};

    const MINUTE: Duration = Duration::from_mins(1);

    /// Minutes of a day that the app keeps quiet when every call that it makes is answered with `wait`.
    fn quiet_minutes(wait: Duration) -> usize {
        let (clock, mut known) = (TestClock::new(), None);
        let minutes = (0..24 * 60).filter(|_| {
            clock.advance(MINUTE);
            let is_open = known.is_none_or(|known: Span| known.until <= clock.now());
            if is_open {
                known = Some(Span::asked(known, clock.now(), wait));
            }
            known.is_some_and(|known| known.until > clock.now())
        });
        minutes.count()
    }

    #[test]
    fn answers_that_never_stop_asking_for_quiet_leave_the_app_open_a_third_of_the_time() {
        for wait in [10 * MINUTE, 60 * MINUTE, Duration::from_hours(7 * 24)] {
            let quiet = quiet_minutes(wait);
            assert!(
                (600..=24 * 40 + 60).contains(&quiet),
                "{quiet} minutes for {wait:?}"
            );
        }
    }

    #[test]
    fn a_quiet_long_after_the_last_one_is_granted_whole() {
        let now = TestClock::new().now();
        let last = Span {
            since: now - chrono::TimeDelta::minutes(50),
            until: now - chrono::TimeDelta::minutes(40),
        };

        let asked = Span::asked(Some(last), now, 60 * MINUTE);

        assert_eq!((asked.since, asked.until), (now, later(now, 60 * MINUTE)));
    }

    #[test]
    fn a_clock_that_was_set_back_ends_a_quiet() {
        let now = TestClock::new().now();
        let row = incident::Model {
            scope: APP_QUIET.to_owned(),
            reason: String::new(),
            opened_at: later(now, Duration::from_hours(5)),
            closed_until: later(now, Duration::from_hours(6)),
            probe_until: None,
            failed_probes: 0,
            reopened: 0,
            partial_tenants: None,
        };

        assert_eq!(quiet_end(&row, now), None);
    }
}
