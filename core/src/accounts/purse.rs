//! Who pays for the calls of one run, and what is remembered of it.

use crate::budget::{CallClass, Charge, Known, Payer};
use sea_orm::{ColumnTrait, DbErr, ExprTrait, QueryFilter, UpdateMany, sea_query::Expr};
use std::sync::{Mutex, PoisonError};
use vitrine_entity::{AccountId, TenantId, TenantOwned, Time, account};

/// Pays for calls. What it has spent is written with the account, so that books which are lost do not
/// give units away a second time.
#[derive(Debug)]
pub struct Purse {
    /// Who pays.
    pub(super) payer: Payer,
    /// What for.
    pub(super) class: CallClass,
    /// Whose calls these are; nobody's before an account is known.
    pub(super) tenant: Option<TenantId>,
    known: Mutex<Known>,
}

impl Purse {
    /// For calls before an account is known: the app pays.
    #[must_use]
    pub fn of_app(class: CallClass) -> Self {
        Self::new(Payer::App, class, None, Known::default())
    }

    /// For calls with an account's token.
    #[must_use]
    pub fn of(account: &account::Model, class: CallClass) -> Self {
        let tenant = Some(account.tenant_id);
        Self::new(Payer::Token(account.id), class, tenant, known_of(account))
    }

    fn new(payer: Payer, class: CallClass, tenant: Option<TenantId>, known: Known) -> Self {
        Self {
            payer,
            class,
            tenant,
            known: Mutex::new(known),
        }
    }

    /// The same payer for a call that must not wait behind others of this run.
    pub(super) fn pressing(&self) -> Self {
        Self::new(self.payer, CallClass::Interactive, self.tenant, self.known())
    }

    /// What is known of the payer's hour.
    pub(super) fn known(&self) -> Known {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of a unit.
    pub(super) fn charged(&self, charge: &Charge) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.used = charge.used;
        known.at = Some(charge.at);
    }

    /// Takes over what another purse of the same payer has spent.
    pub(super) fn absorb(&self, other: &Self) {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = other.known();
    }

    /// What was spent, as an account's row keeps it.
    pub(super) fn counted(&self) -> (Option<i32>, Option<Time>) {
        let known = self.known();
        let used = known.at.map(|_| i32::try_from(known.used).unwrap_or(i32::MAX));
        (used, known.at)
    }

    /// Adds what was spent to a row that is written anyway.
    pub(super) fn noted(&self, row: UpdateMany<account::Entity>) -> UpdateMany<account::Entity> {
        let (used, at) = self.counted();
        if at.is_none() {
            return row;
        }
        row.col_expr(account::Column::CallsCounted, Expr::value(used))
            .col_expr(account::Column::CallsCountedAt, Expr::value(at))
    }

    /// Writes what was spent by itself.
    pub(super) async fn note(
        &self,
        tenant: TenantId,
        account: AccountId,
        connection: &impl sea_orm::ConnectionTrait,
    ) -> Result<(), DbErr> {
        if self.known().at.is_none() {
            return Ok(());
        }
        let older = account::Column::CallsCountedAt
            .is_null()
            .or(account::Column::CallsCountedAt.lt(self.known().at));
        let row = self.noted(account::Entity::update_of(tenant));
        let row = row.filter(account::Column::Id.eq(account)).filter(older);
        row.exec(connection).await.map(drop)
    }
}

/// What an account's row remembers of its hour.
pub(super) fn known_of(account: &account::Model) -> Known {
    Known {
        used: account
            .calls_counted
            .and_then(|used| u32::try_from(used).ok())
            .unwrap_or(0),
        at: account.calls_counted_at,
        blocked_until: account.blocked_until,
    }
}
