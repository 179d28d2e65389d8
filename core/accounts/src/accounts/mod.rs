//! Accounts, for their owner's eyes and hands.

mod change;
mod detail;
mod error;
mod job_requests;
mod profile_columns;

pub use change::AccountChange;
pub use detail::{AccountDetail, Quota};
pub use error::AccountError;
pub(crate) use profile_columns::set_profile;

use crate::{Cadence, jobs::JobRequests};
use sea_orm::{ColumnTrait, QueryFilter};
use std::{num::NonZeroU32, sync::Arc};
use vitrine_base::{clock::SharedClock, database::Database, paging::Cursors, security::MasterKey};
use vitrine_entity::{AccountId, TenantId, TenantOwned, account};
use vitrine_feeds::ChangeEvents;
use vitrine_limits::budget::Budget;

/// Looks after accounts.
pub struct Accounts {
    database: Database,
    clock: SharedClock,
    cursors: Cursors,
    requests: JobRequests,
    budget: Arc<dyn Budget>,
    cadence: Cadence,
    calls_per_hour: NonZeroU32,
    changes: ChangeEvents,
}

impl Accounts {
    /// The service over its parts.
    #[must_use]
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a part of its own, named at the one place of wiring"
    )]
    pub fn new(
        database: Database,
        clock: SharedClock,
        master: &MasterKey,
        requests: JobRequests,
        budget: Arc<dyn Budget>,
        cadence: Cadence,
        calls_per_hour: NonZeroU32,
        changes: ChangeEvents,
    ) -> Self {
        let cursors = Cursors::new(master);
        Self {
            database,
            clock,
            cursors,
            requests,
            budget,
            cadence,
            calls_per_hour,
            changes,
        }
    }

    async fn find(&self, tenant: TenantId, id: AccountId) -> Result<account::Model, AccountError> {
        let connection = self.database.connection();
        let account = account::Entity::of(tenant)
            .filter(account::Column::Id.eq(id))
            .one(connection)
            .await?;
        account.ok_or(AccountError::NotFound)
    }
}
