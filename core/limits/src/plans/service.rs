//! Plans, for operators and for those who have one.

use super::{Limit, limit_check::used, tenant_plan::plan_of};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DbErr, IntoActiveModel, QueryFilter, QueryOrder, sea_query::Expr,
};
use vitrine_base::{
    clock::SharedClock,
    database::{Database, is_reference_broken},
};
use vitrine_entity::{InstallationOwned, TenantId, plan, tenant};

/// Letters of a plan's name.
const LONGEST_NAME: usize = 50;

/// Why a plan was not changed.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// There is no plan of this name.
    #[error("there is no such plan")]
    NoSuchPlan,
    /// There is no tenant of this id.
    #[error("there is no such tenant")]
    NoSuchTenant,
    /// A name that is empty, too long, or not of letters, digits, `-` and `_`.
    #[error("a plan's name has 1 to 50 letters, digits, - or _")]
    BadName,
    /// Tenants have it, or it is the default.
    #[error("the plan is in use")]
    InUse,
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] DbErr),
}

/// What shall be different about a plan; what is not named stays, or is as in the default plan for a new one.
pub type PlanChange = Vec<(Limit, u32)>;

/// A tenant's plan, and how much of it is used.
#[derive(Clone, Debug)]
pub struct PlanUse {
    /// The plan.
    pub plan: plan::Model,
    /// How much of each limit is used.
    pub used: Vec<(Limit, u64)>,
}

/// Looks after plans.
#[derive(Clone)]
pub struct Plans {
    database: Database,
    clock: SharedClock,
}

impl Plans {
    /// The service over its parts.
    #[must_use]
    pub fn new(database: Database, clock: SharedClock) -> Self {
        Self { database, clock }
    }

    /// What a tenant may have and has.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of(&self, tenant: TenantId) -> Result<PlanUse, DbErr> {
        let (connection, now) = (self.database.connection(), self.clock.now());
        let plan = plan_of(connection, tenant).await?;
        let mut counted = Vec::new();
        for limit in Limit::ALL {
            counted.push((limit, used(connection, tenant, limit, now).await?));
        }
        Ok(PlanUse { plan, used: counted })
    }

    /// Every plan, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(&self) -> Result<Vec<plan::Model>, DbErr> {
        let plans = plan::Entity::rows().order_by_asc(plan::Column::Name);
        plans.all(self.database.connection()).await
    }

    /// Changes a plan, or makes one. What tenants have already stays when a limit falls below it.
    ///
    /// # Errors
    /// [`PlanError::BadName`].
    pub async fn set(&self, name: &str, change: &PlanChange) -> Result<plan::Model, PlanError> {
        check_name(name)?;
        let (now, transaction) = (self.clock.now(), self.database.begin_write().await?);
        let known = plan::Entity::row(name).one(&transaction).await?;
        let is_new = known.is_none();
        let base = match known {
            Some(known) => known,
            None => plan::Entity::row(plan::DEFAULT)
                .one(&transaction)
                .await?
                .ok_or(PlanError::NoSuchPlan)?,
        };
        let mut plan = plan::Model {
            name: name.to_owned(),
            updated_at: now,
            created_at: if is_new { now } else { base.created_at },
            ..base
        };
        for (limit, most) in change {
            *place(&mut plan, *limit) = i32::try_from(*most).unwrap_or(i32::MAX);
        }
        let row = plan.into_active_model().reset_all();
        let stored = match is_new {
            true => row.insert(&transaction).await?,
            false => row.update(&transaction).await?,
        };
        transaction.commit().await?;
        Ok(stored)
    }

    /// Deletes a plan that no tenant has.
    ///
    /// # Errors
    /// [`PlanError::InUse`], [`PlanError::NoSuchPlan`].
    pub async fn remove(&self, name: &str) -> Result<(), PlanError> {
        if name == plan::DEFAULT {
            return Err(PlanError::InUse);
        }
        let deleted = plan::Entity::delete_row(name)
            .exec(self.database.connection())
            .await;
        match deleted {
            Ok(deleted) if deleted.rows_affected == 0 => Err(PlanError::NoSuchPlan),
            Ok(_) => Ok(()),
            Err(error) if is_reference_broken(&error) => Err(PlanError::InUse),
            Err(error) => Err(error.into()),
        }
    }

    /// Gives a tenant another plan.
    ///
    /// # Errors
    /// [`PlanError::NoSuchPlan`], [`PlanError::NoSuchTenant`].
    pub async fn assign(&self, id: TenantId, name: &str) -> Result<(), PlanError> {
        let connection = self.database.connection();
        let assigned = tenant::Entity::update_rows()
            .col_expr(tenant::Column::PlanName, Expr::value(name))
            .filter(tenant::Column::Id.eq(id))
            .exec(connection)
            .await;
        match assigned {
            Ok(assigned) if assigned.rows_affected == 0 => Err(PlanError::NoSuchTenant),
            Ok(_) => Ok(()),
            Err(error) if is_reference_broken(&error) => Err(PlanError::NoSuchPlan),
            Err(error) => Err(error.into()),
        }
    }
}

fn check_name(name: &str) -> Result<(), PlanError> {
    let fits = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '-' | '_');
    let whole = !name.is_empty() && name.len() <= LONGEST_NAME && name.chars().all(fits);
    whole.then_some(()).ok_or(PlanError::BadName)
}

fn place(plan: &mut plan::Model, limit: Limit) -> &mut i32 {
    match limit {
        Limit::Accounts => &mut plan.accounts,
        Limit::Feeds => &mut plan.feeds,
        Limit::ApiKeys => &mut plan.api_keys,
        Limit::Members => &mut plan.members,
        Limit::SyncsPerDay => &mut plan.syncs_per_day,
        Limit::InvitationsPerDay => &mut plan.invitations_per_day,
        Limit::ConnectionsPerDay => &mut plan.connections_per_day,
        Limit::ExportsPerDay => &mut plan.exports_per_day,
        Limit::ChangesPerDay => &mut plan.changes_per_day,
    }
}
