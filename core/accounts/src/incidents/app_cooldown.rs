//! Cooldown that Instagram asked the whole app for. A row of the database, as an incident is, so that it holds for
//! every process, outlives Redis, and can be lifted by hand.

use crate::{
    Reason,
    incidents::{breaker::Breaker, cooldown_span::CooldownSpan},
};
use sea_orm::{ActiveValue::Set, DbErr, EntityTrait, sea_query::OnConflict};
use std::time::Duration;
use vitrine_base::clock::until;
use vitrine_entity::{
    Time,
    incident::{self, APP_COOLDOWN, Column, Entity},
};

/// An end that is later by less is not worth a row.
const WORTH_WRITING: Duration = Duration::from_mins(1);

impl Breaker {
    /// Instagram asked the app for a cooldown. Gives its end, which has passed when the app has cooled down for long enough.
    pub(crate) async fn cool_down(&self, reason: Reason, wait: Duration) -> Result<Time, DbErr> {
        let now = self.clock.now();
        let known = self.state.read().await?.cooldown.as_ref().map(CooldownSpan::of);
        let asked = CooldownSpan::asked(known, now, wait);
        let known_end = known.map_or(now, |known| known.until.max(now));
        if until(known_end, asked.until) < WORTH_WRITING {
            return Ok(known_end);
        }
        self.write_cooldown(reason, asked).await?;
        metrics::counter!("vitrine_app_quiets_total", "reason" => reason.to_string()).increment(1);
        tracing::warn!(reason = reason.to_string(), until = %asked.until, "instagram asked the app for quiet");
        Ok(asked.until)
    }

    async fn write_cooldown(&self, reason: Reason, span: CooldownSpan) -> Result<(), DbErr> {
        let row = incident::ActiveModel {
            scope: Set(APP_COOLDOWN.to_owned()),
            reason: Set(reason.to_string()),
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
        self.state.forget();
        Ok(())
    }
}
