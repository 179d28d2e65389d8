//! Whether a tick has anything to do, in one small statement: most ticks have not.

use super::{PauseState, Schedule};
use crate::jobs::JobClass;
use sea_orm::{ConnectionTrait, DbErr, Statement, Value};
use vitrine_entity::installation::SCHEDULE_PAUSED_AT;

/// What a tick sees at first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DueSummary {
    /// What is paused.
    pub pauses: PauseState,
    refreshes: bool,
    requested: bool,
    syncs: bool,
}

impl DueSummary {
    /// Whether something of a class is due, claimed or not.
    #[must_use]
    pub fn is_due(&self, class: JobClass) -> bool {
        match class {
            JobClass::Refresh => self.refreshes,
            JobClass::Interactive => self.requested,
            JobClass::Sync => self.syncs,
        }
    }
}

impl Schedule {
    /// What is due and what is paused, for the claims that follow. Each part reads one entry of an index: the smallest,
    /// which no planner looks for in the whole table.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn due_summary(&self) -> Result<DueSummary, DbErr> {
        let sql = "select exists (select 1 from installation where name = $1) as everything,
        exists (select 1 from tenant where paused_at is not null) as some_tenants,
        coalesce((select min(next_refresh_at) from account_token) <= $2, false) as refreshes,
        coalesce((select min(run_at) from job) <= $2, false) as requested,
        coalesce((select min(next_sync_at) from account) <= $2, false) as syncs";
        let values: [Value; 2] = [SCHEDULE_PAUSED_AT.into(), self.clock.now().into()];
        let connection = self.database.connection();
        let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
        let row = connection.query_one_raw(statement).await?;
        let row = row.ok_or_else(|| DbErr::RecordNotFound("a glance".to_owned()))?;
        Ok(DueSummary {
            pauses: PauseState {
                everything: row.try_get("", "everything")?,
                some_tenants: row.try_get("", "some_tenants")?,
            },
            refreshes: row.try_get("", "refreshes")?,
            requested: row.try_get("", "requested")?,
            syncs: row.try_get("", "syncs")?,
        })
    }
}
