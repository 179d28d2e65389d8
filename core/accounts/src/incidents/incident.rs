//! When the trouble of many accounts is the app's.

mod affected;

use crate::{
    Reason,
    incidents::{
        breaker::{Breaker, COOLDOWN},
        proof::Proof,
        rollback::Rollback,
        stagger::staggered_after,
        trouble::{LASTING, TROUBLE, in_trouble},
    },
};
use affected::AffectedAccounts;
use chrono::TimeDelta;
use sea_orm::{ColumnTrait, DbErr, ExprTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use std::{collections::HashSet, time::Duration};
use vitrine_base::{
    clock::{SharedClock, later},
    database::Database,
};
use vitrine_entity::{AccountId, TenantId, TenantOwned, Time, account, membership};

/// Within these spans, so many people of Instagram whose accounts were refused, and more than were read, are the
/// app's trouble. The first finds it within a minute where thousands are due, the last where every account has one turn a day.
const SPANS: [(Duration, usize); 3] = [
    (Duration::from_mins(1), 20),
    (Duration::from_mins(15), 5),
    (LASTING, 5),
];
/// More accounts in trouble than this are not counted; they are enough.
const COUNTED: u64 = 1_000;
/// Members of several tenants in trouble, by tenants, that are looked at; more are enough as well.
const MEMBERS: u64 = 10_000;

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
    rollback: Rollback,
}

impl Incidents {
    /// The rules over their parts.
    #[must_use]
    pub fn new(database: Database, clock: SharedClock, breaker: Breaker) -> Self {
        Self {
            rollback: Rollback::new(database.clone(), clock.clone()),
            database,
            clock,
            breaker,
        }
    }

    /// Called for each refusal that was noted; until when the account waits if it is one of an incident. Accounts that
    /// were marked when it began are then as before.
    ///
    /// Only refusals of tokens that are surely this app's make the app cool down: among others, which may belong to
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
                let until = later(self.clock.now(), COOLDOWN);
                self.rollback.restore_accounts(proof, until).await?;
                until
            }
        };
        Ok(Some(staggered_after(until)))
    }

    async fn open(&self, affected: &AffectedAccounts, reason: Reason) -> Result<Time, DbErr> {
        let (until, opened) = self.breaker.open(reason).await?;
        if opened {
            self.breaker.are_partial(affected.tenants()).await?;
            self.rollback.restore_accounts(Proof::OfApp, until).await?;
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
            Some(until) => self.rollback.restore_accounts(Proof::OfApp, until).await,
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
        let of_several = membership::Entity::across_tenants()
            .select_only()
            .column(membership::Column::UserId)
            .filter(membership::Column::TenantId.is_in(affected.tenants()))
            .group_by(membership::Column::UserId)
            .having(membership::Column::Id.count().gt(1))
            .into_query();
        let members = membership::Entity::across_tenants()
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
        let people: Vec<String> = account::Entity::across_tenants()
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
        let other: Option<AccountId> = account::Entity::across_tenants()
            .select_only()
            .column(account::Column::Id)
            .filter(account::Column::TenantId.is_not_in(affected.tenants()))
            .limit(1)
            .into_tuple()
            .one(self.database.connection())
            .await?;
        Ok(other.is_some())
    }
}

#[cfg(test)]
mod tests;
