//! Pauses of the schedule, of one tenant or of everybody. They are kept in the database, since Redis may be
//! emptied at any time.

use super::Cadence;
use crate::jobs::everything_paused_since;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use vitrine_base::{clock::SharedClock, database::Database};
use vitrine_entity::{
    InstallationOwned, TenantId, TenantOwned, Time, account,
    installation::{self, SCHEDULE_PAUSED_AT},
    tenant,
};

/// Paused tenants that are listed.
const LISTED: u64 = 1_000;

/// Whose schedule is paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PauseScope {
    /// Everybody's.
    Everything,
    /// That of one tenant.
    Tenant(TenantId),
}

/// What is paused.
#[derive(Clone, Debug)]
pub struct PauseList {
    /// Since when everything is.
    pub everything_since: Option<Time>,
    /// The tenants that are paused by themselves, at most 1,000, the longest paused first.
    pub tenants: Vec<tenant::Model>,
}

/// Why a pause did not change.
#[derive(Debug, thiserror::Error)]
pub enum PauseError {
    /// There is no such tenant.
    #[error("there is no tenant with this id")]
    NoSuchTenant,
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] DbErr),
}

/// What a tick has to know about pauses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PauseState {
    /// Nothing is to be claimed.
    pub everything: bool,
    /// Some tenants' accounts are not.
    pub some_tenants: bool,
}

/// Pauses and resumes the schedule.
#[derive(Clone)]
pub struct Pauses {
    database: Database,
    clock: SharedClock,
    cadence: Cadence,
}

impl Pauses {
    /// The pauses in a database.
    #[must_use]
    pub fn new(database: Database, clock: SharedClock, cadence: Cadence) -> Self {
        Self {
            database,
            clock,
            cadence,
        }
    }

    /// Pauses; twice is safe, and the first time counts. The workers follow at their next tick; what they
    /// were handed already is finished.
    ///
    /// # Errors
    /// [`PauseError::NoSuchTenant`].
    pub async fn pause(&self, scope: PauseScope) -> Result<(), PauseError> {
        let now = self.clock.now();
        match scope {
            PauseScope::Everything => self.write_down(now).await?,
            PauseScope::Tenant(id) => {
                let marked = tenant::Entity::update_rows()
                    .col_expr(tenant::Column::PausedAt, Expr::value(now))
                    .filter(tenant::Column::Id.eq(id))
                    .filter(tenant::Column::PausedAt.is_null())
                    .exec(self.database.connection())
                    .await?;
                if marked.rows_affected == 0 {
                    self.find(id).await?;
                }
            }
        }
        Ok(())
    }

    /// Resumes; twice is safe. What became due meanwhile is due at once.
    ///
    /// # Errors
    /// [`PauseError::NoSuchTenant`].
    pub async fn resume(&self, scope: PauseScope) -> Result<(), PauseError> {
        match scope {
            PauseScope::Everything => {
                installation::Entity::delete_row(SCHEDULE_PAUSED_AT)
                    .exec(self.database.connection())
                    .await?;
            }
            PauseScope::Tenant(id) => self.resume_tenant(id).await?,
        }
        Ok(())
    }

    /// What is paused.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(&self) -> Result<PauseList, DbErr> {
        let tenants = tenant::Entity::rows()
            .filter(tenant::Column::PausedAt.is_not_null())
            .order_by_asc(tenant::Column::PausedAt)
            .limit(LISTED)
            .all(self.database.connection())
            .await?;
        Ok(PauseList {
            everything_since: everything_paused_since(self.database.connection()).await?,
            tenants,
        })
    }

    async fn write_down(&self, now: Time) -> Result<(), DbErr> {
        let row = installation::ActiveModel {
            name: Set(SCHEDULE_PAUSED_AT.to_owned()),
            value: Set(now.to_rfc3339()),
        };
        let keep = OnConflict::column(installation::Column::Name)
            .do_nothing()
            .to_owned();
        installation::Entity::insert(row)
            .on_conflict(keep)
            .exec_without_returning(self.database.connection())
            .await
            .map(drop)
    }

    /// A tenant's turns were put off while it was paused: those that would have had one are due now.
    async fn resume_tenant(&self, id: TenantId) -> Result<(), PauseError> {
        let tenant = self.find(id).await?;
        if tenant.paused_at.is_none() {
            return Ok(());
        }
        let now = self.clock.now();
        let transaction = self.database.begin_write().await?;
        tenant::Entity::update_rows()
            .col_expr(tenant::Column::PausedAt, Expr::value(None::<Time>))
            .filter(tenant::Column::Id.eq(id))
            .exec(&transaction)
            .await?;
        let overdue = account::Column::SyncedAt
            .is_null()
            .or(account::Column::SyncedAt.lte(now - self.cadence.sync_every));
        account::Entity::update_across_tenants()
            .col_expr(account::Column::NextSyncAt, Expr::value(now))
            .filter(account::Column::TenantId.eq(id))
            .filter(account::Column::NextSyncAt.gt(now))
            .filter(account::Column::SyncEverySeconds.is_null())
            .filter(overdue)
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn find(&self, id: TenantId) -> Result<tenant::Model, PauseError> {
        let tenant = tenant::Entity::row(id).one(self.database.connection()).await?;
        tenant.ok_or(PauseError::NoSuchTenant)
    }
}
