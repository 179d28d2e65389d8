//! Codes of a second factor that were guessed wrong by somebody who has the password.
//!
//! Each is in the audit log of the person's first tenant. After twenty in a row the person gets an email, since
//! somebody else knows their password, and from then on ten codes of the authenticator are looked at in a day. A right
//! one begins anew. Recovery codes are looked at as before: they are too long to be guessed, and whoever has one is
//! never kept out.

use crate::{
    audit::{Actor, AuditEntry, record},
    identity::{
        IdentityError,
        notices::SecurityNotices,
        throttle::Attempts,
        users::{memberships::first_tenant, rows::lock_user},
    },
    mail::Notice,
};
use sea_orm::{ColumnTrait, DbErr, ExprTrait, QueryFilter, sea_query::Expr};
use vitrine_base::{clock::SharedClock, database::Database};
use vitrine_entity::{InstallationOwned, UserId, second_factor, user};

/// Wrong codes in a row after which the person is notified.
const MOST_IN_A_ROW: i32 = 20;

/// Counts wrong codes.
#[derive(Clone)]
pub(in crate::identity) struct CodeAttempts {
    database: Database,
    clock: SharedClock,
    attempts: Attempts,
    notices: SecurityNotices,
}

impl CodeAttempts {
    /// The service over its parts.
    pub(in crate::identity) fn new(
        database: Database,
        clock: SharedClock,
        attempts: Attempts,
        notices: SecurityNotices,
    ) -> Self {
        Self {
            database,
            clock,
            attempts,
            notices,
        }
    }

    /// Counts one more code of the authenticator, once many were wrong.
    ///
    /// # Errors
    /// [`IdentityError::TooManyTries`], until the next day.
    pub(super) async fn allow(&self, factor: &second_factor::Model) -> Result<(), IdentityError> {
        if factor.wrong_codes < MOST_IN_A_ROW {
            return Ok(());
        }
        self.attempts.count_code(factor.user_id).await
    }

    /// Writes a wrong code down, and notifies the person once there were many.
    pub(super) async fn record_wrong(&self, user: &user::Model) -> Result<(), IdentityError> {
        let transaction = self.database.begin_write().await?;
        // Held first, as whoever deletes the person does, so that no two wait for each other.
        lock_user(&transaction, user.id).await?;
        let counted = second_factor::Entity::update_rows()
            .col_expr(
                second_factor::Column::WrongCodes,
                Expr::col(second_factor::Column::WrongCodes).add(1),
            )
            .filter(second_factor::Column::UserId.eq(user.id))
            .exec_with_returning(&transaction)
            .await?;
        if counted.iter().any(|factor| factor.wrong_codes == MOST_IN_A_ROW) {
            self.notices
                .send(&transaction, user, Notice::CodesGuessed)
                .await?;
        }
        if let Some(tenant) = first_tenant(&transaction, user.id).await? {
            let (actor, now) = (Actor::Person(user.id), self.clock.now());
            let entry = AuditEntry::to("second_factor.failed", user.id.0);
            record(&transaction, tenant, actor, entry, now).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// A right code ends the row of wrong ones.
    pub(super) async fn reset(&self, user: UserId) -> Result<(), DbErr> {
        second_factor::Entity::update_rows()
            .col_expr(second_factor::Column::WrongCodes, Expr::value(0))
            .filter(second_factor::Column::UserId.eq(user))
            .filter(second_factor::Column::WrongCodes.gt(0))
            .exec(self.database.connection())
            .await
            .map(drop)
    }
}
