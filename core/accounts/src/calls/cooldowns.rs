//! Cooldowns that Instagram asked for, as an operator sees and lifts them.

use crate::incidents::cooldown_span::cooldown_end;
use sea_orm::{
    ColumnTrait, DbErr, ExprTrait, QueryFilter, QueryOrder, QuerySelect, UpdateMany,
    sea_query::{Expr, SimpleExpr},
};
use vitrine_base::{clock::SharedClock, database::Database};
use vitrine_entity::{
    AccountId, InstallationOwned, TenantOwned, Time, account,
    incident::{self, APP, APP_COOLDOWN},
};

/// Accounts that are listed.
const LISTED: u64 = 1_000;

/// Whose cooldown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CooldownScope {
    /// The app's, and an incident of it.
    App,
    /// One account's.
    Account(AccountId),
    /// The app's and that of all accounts.
    Everybody,
}

/// Who cools down.
#[derive(Clone, Debug)]
pub struct CooldownList {
    /// Cooldown that Instagram asked the app for.
    pub app: Option<incident::Model>,
    /// An incident of the app; there until a probe is answered, also after its cooldown.
    pub incident: Option<incident::Model>,
    /// Accounts, at most 1,000, the longest cooldown first.
    pub accounts: Vec<account::Model>,
}

/// Shows and lifts cooldowns. Across all tenants, on purpose: it is for operators.
#[derive(Clone)]
pub struct Cooldowns {
    database: Database,
    clock: SharedClock,
}

impl Cooldowns {
    /// The cooldowns of this database.
    #[must_use]
    pub fn new(database: Database, clock: SharedClock) -> Self {
        Self { database, clock }
    }

    /// Who cools down at this moment.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(&self) -> Result<CooldownList, DbErr> {
        let (now, connection) = (self.clock.now(), self.database.connection());
        let app = incident::Entity::row(APP_COOLDOWN).one(connection).await?;
        let accounts = account::Entity::across_tenants()
            .filter(lasts(now))
            .order_by_desc(account::Column::BlockedUntil)
            .limit(LISTED)
            .all(connection)
            .await?;
        Ok(CooldownList {
            app: app.filter(|row| cooldown_end(row, now).is_some()),
            incident: incident::Entity::row(APP).one(connection).await?,
            accounts,
        })
    }

    /// Ends cooldowns at once; accounts take their turn now. Says how many were ended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lift(&self, scope: CooldownScope) -> Result<u64, DbErr> {
        Ok(match scope {
            CooldownScope::App => self.lift_app().await?,
            CooldownScope::Account(id) => self.lift_accounts(account::Column::Id.eq(id)).await?,
            CooldownScope::Everybody => {
                self.lift_app().await? + self.lift_accounts(Expr::value(true)).await?
            }
        })
    }

    async fn lift_app(&self) -> Result<u64, DbErr> {
        let lasting = incident::Column::Scope
            .eq(APP)
            .or(incident::Column::ClosedUntil.gt(self.clock.now()));
        let lifted = incident::Entity::delete_rows()
            .filter(incident::Column::Scope.is_in([APP, APP_COOLDOWN]))
            .filter(lasting)
            .exec(self.database.connection())
            .await?;
        Ok(lifted.rows_affected)
    }

    async fn lift_accounts(&self, which: SimpleExpr) -> Result<u64, DbErr> {
        let now = self.clock.now();
        let lifted = taking_their_turn(now)
            .col_expr(account::Column::BlockedUntil, Expr::value(None::<Time>))
            .filter(lasts(now))
            .filter(which)
            .exec(self.database.connection())
            .await?;
        Ok(lifted.rows_affected)
    }
}

fn lasts(now: Time) -> SimpleExpr {
    account::Column::BlockedUntil.gt(now)
}

/// A turn that lies ahead is brought forward; an account without one keeps none.
fn taking_their_turn(now: Time) -> UpdateMany<account::Entity> {
    let next =
        Expr::case(account::Column::NextSyncAt.gt(now), now).finally(Expr::col(account::Column::NextSyncAt));
    account::Entity::update_across_tenants().col_expr(account::Column::NextSyncAt, next.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::{ActiveModelTrait, ActiveValue::Set};
    use std::{sync::Arc, time::Duration};
    use vitrine_base::{
        clock::later,
        testing::{Bed, on_both_engines},
    };

    on_both_engines!(each_scope_lifts_its_own);

    /// The app and an account cool down for an hour.
    async fn keep_quiet(bed: &Bed) -> AccountId {
        let until = later(bed.now(), Duration::from_hours(1));
        let app = incident::ActiveModel {
            scope: Set(APP_COOLDOWN.to_owned()),
            reason: Set("throttled_app".to_owned()),
            opened_at: Set(bed.now()),
            closed_until: Set(until),
            failed_probes: Set(0),
            reopened: Set(0),
            ..Default::default()
        };
        app.insert(bed.database.connection()).await.unwrap();
        let account = account::ActiveModel {
            id: Set(AccountId::generate()),
            tenant_id: Set(bed.tenant().await),
            platform_user_id: Set("1784".to_owned()),
            status: Set(account::AccountStatus::Active),
            sync_failures: Set(0),
            blocked_until: Set(Some(until)),
            created_at: Set(bed.now()),
            updated_at: Set(bed.now()),
            ..Default::default()
        };
        account.insert(bed.database.connection()).await.unwrap().id
    }

    async fn each_scope_lifts_its_own(bed: Bed) {
        let cooldowns = Cooldowns::new(bed.database.clone(), Arc::new(bed.clock.clone()));
        let lifted = async |scope| cooldowns.lift(scope).await.unwrap();
        let account = keep_quiet(&bed).await;

        assert_eq!(lifted(CooldownScope::App).await, 1);
        assert!(cooldowns.list().await.unwrap().app.is_none());
        assert_eq!(lifted(CooldownScope::App).await, 0);
        assert_eq!(lifted(CooldownScope::Account(account)).await, 1);

        keep_quiet(&bed).await;
        assert_eq!(lifted(CooldownScope::Everybody).await, 2);
    }
}
