//! The circuit breaker of the app: in an incident no account's calls are made, then single ones probe.
//!
//! Its state is a row of the database, so that every worker and every restart sees the same one, whatever
//! becomes of Redis.

use crate::{
    Reason,
    incidents::{
        breaker_state::BreakerState,
        cooldown_span::cooldown_end,
        probe_candidates::{ProbeCandidate, ProbeCandidates},
        stagger::staggered_after,
    },
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, DbErr, EntityTrait, ExprTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};
use std::{cmp::max, time::Duration};
use vitrine_base::{
    background::leased_work::Backoff,
    clock::{SharedClock, later, until},
    database::Database,
};
use vitrine_entity::{
    InstallationOwned, TenantId, Time,
    incident::{self, APP, Column, Entity},
};

/// How long the app cools down before the first probe; doubles each time probes fail.
pub(crate) const COOLDOWN: Duration = Duration::from_mins(15);
/// It cools down for no longer than this.
const LONGEST_COOLDOWN: Duration = Duration::from_hours(2);
/// A probe that has not come back after this time is taken for lost.
const PROBE: Duration = Duration::from_mins(1);
/// So many accounts must be refused before the app cools down anew: one of them may be in trouble of its own.
const FAILED_PROBES: i32 = 3;

/// Whether a call may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    /// There is no incident.
    Free,
    /// It is the one call that shows whether the incident is over.
    Probe,
    /// Not before then, because of an incident.
    Closed(Time),
    /// Not before then, because Instagram asked the app for a cooldown.
    Cooldown(Time),
}

/// Guards the calls that are made for accounts. Clones share what was seen.
#[derive(Clone)]
pub struct Breaker {
    pub(crate) database: Database,
    pub(crate) clock: SharedClock,
    pub(super) state: BreakerState,
    candidates: ProbeCandidates,
}

impl Breaker {
    /// The breaker whose state is in this database.
    #[must_use]
    pub fn new(database: Database, clock: SharedClock) -> Self {
        Self {
            candidates: ProbeCandidates::new(database.clone()),
            state: BreakerState::new(database.clone(), clock.clone()),
            database,
            clock,
        }
    }

    /// Asks for a call. Whoever gets a probe says how it ended, or it counts as lost after a minute. Calls without
    /// an account cannot tell whether accounts are answered again and never probe; they are free as soon as probes are.
    pub(crate) async fn admit(&self, witness: Option<ProbeCandidate>) -> Result<Admission, DbErr> {
        let (seen, now) = (self.state.read().await?, self.clock.now());
        if let Some(until) = seen.cooldown.and_then(|cooldown| cooldown_end(&cooldown, now)) {
            return Ok(Admission::Cooldown(until));
        }
        let Some(incident) = seen.incident else {
            return Ok(Admission::Free);
        };
        let closed_until = self.closed_until(&incident, now);
        if closed_until > now {
            return Ok(Admission::Closed(staggered_after(closed_until)));
        }
        let Some(witness) = witness else {
            return Ok(Admission::Free);
        };
        let may_probe = self.candidates.may_probe(&incident, witness, now).await?;
        match may_probe && self.claim_probe(now).await? {
            true => Ok(Admission::Probe),
            false => Ok(Admission::Closed(staggered_after(now))),
        }
    }

    /// An incident was found, or has been known for a moment: no call is made until the moment that is given.
    /// Also says whether it was this caller who found it.
    pub(crate) async fn open(&self, reason: Reason) -> Result<(Time, bool), DbErr> {
        let now = self.clock.now();
        let row = incident::ActiveModel {
            scope: Set(APP.to_owned()),
            reason: Set(reason.to_string()),
            opened_at: Set(now),
            closed_until: Set(later(now, COOLDOWN)),
            probe_until: Set(None),
            failed_probes: Set(0),
            reopened: Set(0),
            partial_tenants: Set(None),
        };
        let keep = OnConflict::column(Column::Scope).do_nothing().to_owned();
        let opened = Entity::insert(row)
            .on_conflict(keep)
            .exec_without_returning(self.database.connection())
            .await?;
        self.state.forget();
        if opened > 0 {
            metrics::counter!("vitrine_incidents_total", "reason" => reason.to_string()).increment(1);
            tracing::error!(
                reason = reason.to_string(),
                "instagram refuses most accounts: the app keeps quiet"
            );
        }
        let incident = self.state.read().await?.incident;
        let until = incident.map_or(now, |incident| self.closed_until(&incident, now));
        Ok((until, opened > 0))
    }

    /// These tenants, and those that belong with them, do not count as witnesses of the incident's end.
    pub(crate) async fn are_partial(&self, tenants: impl IntoIterator<Item = TenantId>) -> Result<(), DbErr> {
        self.candidates.are_partial(tenants).await?;
        self.state.forget();
        Ok(())
    }

    /// Until when the app cools down, while an incident lasts.
    pub(crate) async fn closed_until_now(&self) -> Result<Option<Time>, DbErr> {
        let (incident, now) = (self.state.read().await?.incident, self.clock.now());
        Ok(incident.map(|incident| max(now, self.closed_until(&incident, now))))
    }

    /// A probe was answered: the incident is over. Twice is safe.
    pub(crate) async fn close(&self) -> Result<(), DbErr> {
        let closed = Entity::delete_row(APP).exec(self.database.connection()).await?;
        self.state.forget();
        if closed.rows_affected > 0 {
            tracing::info!("instagram answers accounts again: the incident is over");
        }
        Ok(())
    }

    /// A probe was refused; after some of them the app cools down anew, for longer. Says when to come back.
    pub(crate) async fn probe_failed(&self, witness: ProbeCandidate) -> Result<Time, DbErr> {
        self.are_partial([witness.tenant]).await?;
        let now = self.clock.now();
        self.count_failed_probe(Column::FailedProbes.lt(FAILED_PROBES - 1), now, false)
            .await?;
        self.count_failed_probe(Column::FailedProbes.gte(FAILED_PROBES - 1), now, true)
            .await?;
        self.state.forget();
        let incident = self.state.read().await?.incident;
        let end = incident.map_or(now, |incident| self.closed_until(&incident, now));
        Ok(staggered_after(max(end, now)))
    }

    async fn count_failed_probe(
        &self,
        state: sea_orm::sea_query::SimpleExpr,
        now: Time,
        last: bool,
    ) -> Result<(), DbErr> {
        let known = self
            .state
            .read()
            .await?
            .incident
            .map_or(0, |incident| incident.reopened);
        let mut update = Entity::update_rows()
            .col_expr(Column::ProbeUntil, Expr::value(None::<Time>))
            .filter(Column::Scope.eq(APP))
            .filter(Column::ProbeUntil.is_not_null())
            .filter(state);
        update = if last {
            update
                .col_expr(Column::FailedProbes, Expr::value(0))
                .col_expr(Column::Reopened, Expr::col(Column::Reopened).add(1))
                .col_expr(
                    Column::ClosedUntil,
                    Expr::value(later(now, cooldown_after(known + 1))),
                )
        } else {
            update.col_expr(Column::FailedProbes, Expr::col(Column::FailedProbes).add(1))
        };
        update.exec(self.database.connection()).await.map(drop)
    }

    /// Asks the row itself whether it is time: what was seen of it may be a second old.
    async fn claim_probe(&self, now: Time) -> Result<bool, DbErr> {
        let due = Column::ClosedUntil
            .lte(now)
            .or(Column::ClosedUntil.gt(later(now, LONGEST_COOLDOWN)));
        let free = Column::ProbeUntil
            .is_null()
            .or(Column::ProbeUntil.lte(now))
            .or(Column::ProbeUntil.gt(later(now, 2 * PROBE)));
        let claimed = Entity::update_rows()
            .col_expr(Column::ProbeUntil, Expr::value(later(now, PROBE)))
            .filter(Column::Scope.eq(APP))
            .filter(due)
            .filter(free)
            .exec(self.database.connection())
            .await?;
        Ok(claimed.rows_affected == 1)
    }

    /// An end further away than any cooldown lasts was written by a clock that has been set back since.
    fn closed_until(&self, incident: &incident::Model, now: Time) -> Time {
        if until(now, incident.closed_until) > LONGEST_COOLDOWN {
            return now;
        }
        incident.closed_until
    }
}

fn cooldown_after(reopened: i32) -> Duration {
    Backoff::new(COOLDOWN, LONGEST_COOLDOWN).after(max(reopened, 0).cast_unsigned() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quiet_doubles_and_stays_bounded() {
        let minutes = |reopened| cooldown_after(reopened).as_secs() / 60;

        assert_eq!([0, 1, 2, 3, 30].map(minutes), [15, 30, 60, 120, 120]);
    }
}
