//! What the database says of the app's trouble, looked at once a second at most by each process.

use crate::incidents::cooldown_span::cooldown_end;
use sea_orm::DbErr;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use vitrine_base::{clock::SharedClock, database::Database};
use vitrine_entity::{
    InstallationOwned,
    incident::{self, APP, APP_COOLDOWN, Entity},
};

/// How old the known state may be.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// What holds for the app.
#[derive(Clone)]
pub(super) struct AppState {
    at: Instant,
    pub(super) incident: Option<incident::Model>,
    pub(super) cooldown: Option<incident::Model>,
}

/// Remembers what was seen; clones share it.
#[derive(Clone)]
pub(super) struct BreakerState {
    database: Database,
    clock: SharedClock,
    seen: Arc<Mutex<Option<AppState>>>,
}

impl BreakerState {
    pub(super) fn new(database: Database, clock: SharedClock) -> Self {
        Self {
            database,
            clock,
            seen: Arc::default(),
        }
    }

    /// What holds, as this process knows it.
    pub(super) async fn read(&self) -> Result<AppState, DbErr> {
        if let Some(seen) = self.fresh() {
            return Ok(seen);
        }
        let mut rows = Entity::rows().all(self.database.connection()).await?;
        let mut take = |scope| {
            let at = rows.iter().position(|row| row.scope == scope)?;
            Some(rows.swap_remove(at))
        };
        let seen = AppState {
            at: Instant::now(),
            incident: take(APP),
            cooldown: take(APP_COOLDOWN),
        };
        self.record_gauges(&seen);
        *self.seen() = Some(seen.clone());
        Ok(seen)
    }

    fn record_gauges(&self, seen: &AppState) {
        let now = self.clock.now();
        let cooldown = seen
            .cooldown
            .as_ref()
            .and_then(|cooldown| cooldown_end(cooldown, now));
        metrics::gauge!("vitrine_incident_open").set(f64::from(seen.incident.is_some()));
        metrics::gauge!("vitrine_app_quiet").set(f64::from(cooldown.is_some()));
    }

    /// What was seen, unless it is this caller's turn to look again; others go on with the old meanwhile.
    fn fresh(&self) -> Option<AppState> {
        let mut seen = self.seen();
        let known = seen.as_mut()?;
        if known.at.elapsed() >= POLL_INTERVAL {
            known.at = Instant::now();
            return None;
        }
        Some(known.clone())
    }

    /// Has the rows looked at anew.
    pub(super) fn forget(&self) {
        *self.seen() = None;
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Option<AppState>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
