//! When the trouble of many accounts is the app's, and what becomes of them.

mod affected;

use crate::{
    Reason,
    incidents::{
        breaker::{Breaker, QUIET},
        proof::Proof,
        stagger::staggered_after,
    },
};
use affected::AffectedAccounts;
use chrono::TimeDelta;
use sea_orm::{
    ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select, UpdateMany,
    sea_query::{Expr, ExprTrait},
};
use std::{collections::HashSet, time::Duration};
use vitrine_base::{
    clock::{SharedClock, later},
    database::{Database, Transaction},
};
use vitrine_entity::{
    AccountId, TenantId, Time,
    account::{self, AccountStatus},
    account_token, membership,
};

/// Within these spans, so many people of Instagram whose accounts were refused, and more than were read, are the
/// app's trouble. The first finds it within a minute where thousands are due, the last where every account has one turn a day.
const SPANS: [(Duration, usize); 3] = [
    (Duration::from_mins(1), 20),
    (Duration::from_mins(15), 5),
    (LASTING, 5),
];
const LASTING: Duration = Duration::from_hours(24);
/// More accounts in trouble than this are not counted; they are enough.
const COUNTED: u64 = 1_000;
/// Members of several tenants in trouble, by tenants, that are looked at; more are enough as well.
const MEMBERS: u64 = 10_000;
/// Accounts that are taken back at a time.
const BATCH: u64 = 500;
/// Batches of one look; a further one follows within a minute.
const BATCHES: usize = 40;

/// What trouble that may be the app's leaves in an account. A token that ran out is nobody's but its own.
const TROUBLE: [Reason; 10] = [
    Reason::AppNotAllowedOnAccount,
    Reason::PermissionMissing,
    Reason::AppsecretProofRequired,
    Reason::TokenPasswordChanged,
    Reason::TokenAppRemoved,
    Reason::TokenCheckpoint,
    Reason::TokenUnconfirmed,
    Reason::TokenCorrupt,
    Reason::TokenInvalid,
    Reason::TokenEndedEarly,
];

/// The account whose refusal is looked at.
#[derive(Clone, Copy)]
struct Refused<'r> {
    account: &'r account::Model,
    proof: Proof,
}

/// Finds incidents of the app. Across all tenants, on purpose: the app is one for all of them.
#[derive(Clone)]
pub struct Incidents {
    database: Database,
    clock: SharedClock,
    breaker: Breaker,
}

impl Incidents {
    /// The rules over their parts.
    #[must_use]
    pub fn new(database: Database, clock: SharedClock, breaker: Breaker) -> Self {
        Self {
            database,
            clock,
            breaker,
        }
    }

    /// Called for each refusal that was noted; until when the account waits if it is one of an incident. Accounts that
    /// were marked when it began are then as before.
    ///
    /// Only refusals of tokens that are surely this app's make the app keep quiet: among others, which may belong to
    /// any app, whoever is refused waits, and nobody else notices.
    pub(crate) async fn check(
        &self,
        account: &account::Model,
        proof: Proof,
        reason: Reason,
    ) -> Result<Option<Time>, DbErr> {
        let refused = Refused { account, proof };
        let Some(affected) = self.found(refused).await? else {
            return Ok(None);
        };
        let until = match proof {
            Proof::OfApp => self.open(&affected, reason).await?,
            Proof::None => {
                let until = later(self.clock.now(), QUIET);
                self.restore_accounts(proof, until).await?;
                until
            }
        };
        Ok(Some(staggered_after(until)))
    }

    async fn open(&self, affected: &AffectedAccounts, reason: Reason) -> Result<Time, DbErr> {
        let (until, opened) = self.breaker.open(reason).await?;
        if opened {
            self.breaker.are_partial(affected.tenants()).await?;
            self.restore_accounts(Proof::OfApp, until).await?;
        }
        Ok(until)
    }

    /// While an incident lasts, takes back what is still left of what it did to accounts. Safe from several
    /// processes at once, and after one of them died in the midst of it.
    ///
    /// # Errors
    /// When the database fails; the next look goes on.
    pub async fn resume_rollback(&self) -> Result<(), DbErr> {
        match self.breaker.closed_until_now().await? {
            Some(until) => self.restore_accounts(Proof::OfApp, until).await,
            None => Ok(()),
        }
    }

    /// The accounts that make an incident, if there is one.
    async fn found(&self, refused: Refused<'_>) -> Result<Option<AffectedAccounts>, DbErr> {
        for (span, from) in SPANS {
            let found = self.most_are_in_trouble(refused, span, from).await?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// Neither one person of Instagram nor one owner of tenants can make the others' incident: most of the others
    /// must be in trouble, too.
    async fn most_are_in_trouble(
        &self,
        refused: Refused<'_>,
        span: Duration,
        from: usize,
    ) -> Result<Option<AffectedAccounts>, DbErr> {
        let since = self.clock.now() - TimeDelta::from_std(span).unwrap_or_default();
        let affected = self.affected(since, refused.proof).await?;
        let people = affected.people();
        if people < from || people <= self.read(since, refused, people, HashSet::new()).await? {
            return Ok(None);
        }
        let affected = self.with_members(affected).await?;
        let rest = affected.beside_the_largest_group();
        let is_one = match rest.people {
            0 => !self.others_exist(&affected).await?,
            people => people > self.read(since, refused, people, rest.beside).await?,
        };
        Ok(is_one.then_some(affected))
    }

    /// Accounts that wait because of an incident among pasted tokens go on counting: nothing else remembers it.
    async fn affected(&self, since: Time, proof: Proof) -> Result<AffectedAccounts, DbErr> {
        let reasons = match proof {
            Proof::OfApp => TROUBLE.to_vec(),
            Proof::None => [&TROUBLE[..], &[Reason::AppIncident]].concat(),
        };
        let accounts: Vec<(TenantId, String)> = in_trouble(since, proof, reasons)
            .select_only()
            .columns([account::Column::TenantId, account::Column::PlatformUserId])
            .order_by_desc(account::Column::UpdatedAt)
            .limit(COUNTED)
            .into_tuple()
            .all(self.database.connection())
            .await?;
        Ok(AffectedAccounts::of(accounts))
    }

    /// Only those count who are members of several of the tenants.
    async fn with_members(&self, affected: AffectedAccounts) -> Result<AffectedAccounts, DbErr> {
        let of_several = membership::Entity::find()
            .select_only()
            .column(membership::Column::UserId)
            .filter(membership::Column::TenantId.is_in(affected.tenants()))
            .group_by(membership::Column::UserId)
            .having(membership::Column::Id.count().gt(1))
            .into_query();
        let members = membership::Entity::find()
            .select_only()
            .columns([membership::Column::TenantId, membership::Column::UserId])
            .filter(membership::Column::TenantId.is_in(affected.tenants()))
            .filter(membership::Column::UserId.in_subquery(of_several))
            .limit(MEMBERS)
            .into_tuple()
            .all(self.database.connection())
            .await?;
        Ok(affected.with_members(members))
    }

    /// People of Instagram whose accounts were read since then beside those of some tenants, `most` of them at most.
    async fn read(
        &self,
        since: Time,
        refused: Refused<'_>,
        most: usize,
        beside: HashSet<TenantId>,
    ) -> Result<usize, DbErr> {
        let people: Vec<String> = account::Entity::find()
            .select_only()
            .column(account::Column::PlatformUserId)
            .filter(account::Column::SyncedAt.gte(since))
            .filter(account::Column::SyncError.is_null())
            .filter(account::Column::Id.ne(refused.account.id))
            .filter(refused.proof.accounts())
            .filter(account::Column::TenantId.is_not_in(beside))
            .distinct()
            .limit(most as u64)
            .into_tuple()
            .all(self.database.connection())
            .await?;
        Ok(people.len())
    }

    /// Whether there are accounts of tenants that are not in trouble.
    async fn others_exist(&self, affected: &AffectedAccounts) -> Result<bool, DbErr> {
        let other: Option<AccountId> = account::Entity::find()
            .select_only()
            .column(account::Column::Id)
            .filter(account::Column::TenantId.is_not_in(affected.tenants()))
            .limit(1)
            .into_tuple()
            .one(self.database.connection())
            .await?;
        Ok(other.is_some())
    }

    /// Accounts that met the incident before it was known as one are as before, and do not wait for a whole
    /// cadence; each batch has a turn of its own. What happened to them no longer counts as their trouble.
    async fn restore_accounts(&self, proof: Proof, next_turn: Time) -> Result<(), DbErr> {
        let since = self.clock.now() - TimeDelta::from_std(LASTING).unwrap_or_default();
        let mut acquitted = 0;
        for _ in 0..BATCHES {
            match self
                .restore_batch(since, proof, staggered_after(next_turn))
                .await?
            {
                0 => break,
                some => acquitted += some,
            }
        }
        if acquitted > 0 {
            tracing::info!(
                acquitted,
                "restored accounts that were marked before the incident was recognised"
            );
        }
        Ok(())
    }

    async fn restore_batch(&self, since: Time, proof: Proof, next_turn: Time) -> Result<usize, DbErr> {
        let transaction = self.database.begin_write().await?;
        let some = consenting(&transaction, since, proof).await?;
        account_token::Entity::update_many()
            .col_expr(account_token::Column::NextRefreshAt, Expr::value(next_turn))
            .filter(account_token::Column::AccountId.is_in(some.iter().copied()))
            .filter(account_token::Column::NextRefreshAt.is_null())
            .exec(&transaction)
            .await?;
        as_before(next_turn)
            .filter(account::Column::Id.is_in(some.iter().copied()))
            .filter(account::Column::Status.ne(AccountStatus::Paused))
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        Ok(some.len())
    }
}

/// Accounts in trouble whose owners still consent, with their tokens held: one that was deauthorized while its run
/// was under way has none any more, and waits for another consent.
async fn consenting(transaction: &Transaction, since: Time, proof: Proof) -> Result<Vec<AccountId>, DbErr> {
    let some: Vec<AccountId> = in_trouble(since, proof, TROUBLE.to_vec())
        .select_only()
        .column(account::Column::Id)
        .limit(BATCH)
        .into_tuple()
        .all(transaction)
        .await?;
    account_token::Entity::find()
        .select_only()
        .column(account_token::Column::AccountId)
        .filter(account_token::Column::AccountId.is_in(some))
        .order_by_asc(account_token::Column::AccountId)
        .lock_exclusive()
        .into_tuple()
        .all(transaction)
        .await
}

fn as_before(next_turn: Time) -> UpdateMany<account::Entity> {
    account::Entity::update_many()
        .col_expr(account::Column::Status, Expr::value(AccountStatus::Active))
        .col_expr(account::Column::StatusReason, Expr::value(None::<String>))
        .col_expr(account::Column::SyncError, Expr::value(Reason::AppIncident))
        .col_expr(account::Column::NextSyncAt, Expr::value(next_turn))
}

/// Accounts with such tokens that met trouble since then, which may be the app's.
fn in_trouble(since: Time, proof: Proof, reasons: Vec<Reason>) -> Select<account::Entity> {
    account::Entity::find()
        .filter(account::Column::SyncError.is_in(reasons))
        .filter(proof.accounts())
        .filter(account::Column::Status.ne(AccountStatus::Paused))
        .filter(account::Column::UpdatedAt.gte(since))
}

#[cfg(test)]
mod tests;
