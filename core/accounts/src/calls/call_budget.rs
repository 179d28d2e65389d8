//! Who pays for the calls of one run, and what is remembered of it.

use crate::incidents::{proof::Proof, stagger::staggered_after};
use sea_orm::{ColumnTrait, DbErr, ExprTrait, QueryFilter, UpdateMany, sea_query::Expr};
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use vitrine_base::clock::until;
use vitrine_entity::{AccountId, TenantId, TenantOwned, Time, account, account_token};
use vitrine_limits::budget::{CallClass, Charge, Payer, RecordedUse};

/// No platform asks for a longer cooldown; an end beyond it was written by a clock that has been set back since.
const LONGEST_COOLDOWN: Duration = Duration::from_hours(8 * 24);

/// Pays for calls. What it has spent is written with the account, so that books which are lost do not
/// give units away a second time; so is a cooldown that the platform asked the account for.
#[derive(Debug)]
pub struct CallBudget {
    /// Who pays.
    pub(crate) payer: Payer,
    /// What for.
    pub(crate) class: CallClass,
    /// Whose calls these are; nobody's before an account is known.
    pub(crate) tenant: Option<TenantId>,
    /// Whether the token is surely this app's, so that what an answer says about the app is about this one.
    pub(crate) proof: Proof,
    state: Mutex<State>,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    known: RecordedUse,
    cooldown_until: Option<Time>,
}

impl CallBudget {
    /// For calls before an account is known: the app pays, and learns nothing about itself from the answers, because
    /// the token may be anybody's.
    #[must_use]
    pub fn of_app(class: CallClass) -> Self {
        Self {
            payer: Payer::App,
            class,
            tenant: None,
            proof: Proof::None,
            state: Mutex::default(),
        }
    }

    /// For calls with an account's token.
    #[must_use]
    pub fn of(account: &account::Model, token: &account_token::Model, class: CallClass) -> Self {
        let state = State {
            known: known_of(account),
            cooldown_until: account.blocked_until,
        };
        Self {
            payer: Payer::Token(account.id),
            class,
            tenant: Some(account.tenant_id),
            proof: Proof::of(token),
            state: Mutex::new(state),
        }
    }

    /// The same payer for a call that must not wait behind others of this run.
    pub(crate) fn pressing(&self) -> Self {
        Self {
            class: CallClass::Interactive,
            state: Mutex::new(*self.state()),
            ..*self
        }
    }

    /// When a run may come again that waits until then: those of the schedule one after the other, because many wait
    /// for the same moment.
    pub(crate) fn turn_after(&self, until: Time) -> Time {
        match self.class {
            CallClass::Sync => staggered_after(until),
            CallClass::Refresh | CallClass::Interactive => until,
        }
    }

    /// What is known of the payer's hour.
    pub(crate) fn known(&self) -> RecordedUse {
        self.state().known
    }

    /// Takes note of a unit.
    pub(crate) fn charged(&self, charge: &Charge) {
        let known = &mut self.state().known;
        known.used = charge.used;
        known.at = Some(charge.at);
    }

    /// The platform asked the account for a cooldown; the later of two ends counts.
    pub(crate) fn close(&self, until: Time) {
        let cooldown = &mut self.state().cooldown_until;
        *cooldown = std::cmp::max(*cooldown, Some(until));
    }

    /// Until when the account cools down; none when calls may be made.
    pub(crate) fn cooldown_until(&self, now: Time) -> Option<Time> {
        cooldown_at(self.state().cooldown_until, now)
    }

    /// Takes over what another purse of the same payer has spent.
    pub(crate) fn absorb(&self, other: &Self) {
        *self.state() = *other.state();
    }

    /// What was spent, as an account's row keeps it.
    pub(crate) fn counted(&self) -> (Option<i32>, Option<Time>) {
        let known = self.known();
        let used = known.at.map(|_| i32::try_from(known.used).unwrap_or(i32::MAX));
        (used, known.at)
    }

    /// Adds what was spent to a row that is written anyway.
    pub(crate) fn noted(&self, row: UpdateMany<account::Entity>) -> UpdateMany<account::Entity> {
        let (used, at) = self.counted();
        if at.is_none() {
            return row;
        }
        row.col_expr(account::Column::CallsCounted, Expr::value(used))
            .col_expr(account::Column::CallsCountedAt, Expr::value(at))
    }

    /// Writes by itself what was spent, and a cooldown that the platform asked for meanwhile.
    pub(crate) async fn note(
        &self,
        tenant: TenantId,
        account: AccountId,
        now: Time,
        connection: &impl sea_orm::ConnectionTrait,
    ) -> Result<(), DbErr> {
        let of_account = || account::Entity::update_of(tenant).filter(account::Column::Id.eq(account));
        if let Some(until) = self.cooldown_until(now) {
            let cooldown = of_account().col_expr(account::Column::BlockedUntil, Expr::value(until));
            cooldown.exec(connection).await?;
        }
        if self.known().at.is_none() {
            return Ok(());
        }
        let older = account::Column::CallsCountedAt
            .is_null()
            .or(account::Column::CallsCountedAt.lt(self.known().at));
        let row = self.noted(of_account()).filter(older);
        row.exec(connection).await.map(drop)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The end of a cooldown that lasts at this moment.
pub(crate) fn cooldown_at(end: Option<Time>, now: Time) -> Option<Time> {
    end.filter(|end| *end > now && until(now, *end) <= LONGEST_COOLDOWN)
}

/// What an account's row remembers of its hour.
pub(crate) fn known_of(account: &account::Model) -> RecordedUse {
    RecordedUse {
        used: account
            .calls_counted
            .and_then(|used| u32::try_from(used).ok())
            .unwrap_or(0),
        at: account.calls_counted_at,
    }
}
