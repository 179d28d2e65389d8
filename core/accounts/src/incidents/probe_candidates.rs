//! Who finds out whether an incident is over.
//!
//! Only a token that is surely this app's can tell. Those whose trouble made the incident would keep it alive, so
//! that the others come first; so do they when somebody's probe failed. Where nobody else comes, anybody will do.

use crate::incidents::{proof::Proof, stagger::SPREAD};
use chrono::TimeDelta;
use sea_orm::{ColumnTrait, DbErr, QueryFilter, QuerySelect, QueryTrait, sea_query::Expr};
use std::collections::BTreeSet;
use vitrine_base::{clock::later, database::Database};
use vitrine_entity::{
    AccountId, InstallationOwned, StringList, TenantId, TenantOwned, Time,
    account::{self, AccountStatus},
    incident::{self, APP},
    membership,
};

/// Tenants that are known as partial; further ones probe.
const REMEMBERED: usize = 1_000;

/// For whom a call is made that may show whether accounts are answered again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ProbeCandidate {
    /// Whose account it is.
    pub(crate) tenant: TenantId,
    /// Whether its token is this app's.
    pub(crate) proof: Proof,
}

/// Chooses who probes.
#[derive(Clone)]
pub(crate) struct ProbeCandidates {
    database: Database,
}

impl ProbeCandidates {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }

    /// Whether this one may probe, because it is a good witness or no better one is about to come.
    pub(crate) async fn may_probe(
        &self,
        incident: &incident::Model,
        witness: ProbeCandidate,
        now: Time,
    ) -> Result<bool, DbErr> {
        let partial = partial(incident);
        let is_good = witness.proof == Proof::OfApp && !partial.contains(&witness.tenant);
        Ok(is_good || !self.is_better_one_due(partial, now).await?)
    }

    /// Turns that are overdue for longer than that are not about to come.
    async fn is_better_one_due(&self, partial: BTreeSet<TenantId>, now: Time) -> Result<bool, DbErr> {
        let earliest = now - TimeDelta::from_std(SPREAD).unwrap_or_default();
        let due: Option<AccountId> = account::Entity::across_tenants()
            .select_only()
            .column(account::Column::Id)
            .filter(account::Column::NextSyncAt.between(earliest, later(now, SPREAD)))
            .filter(account::Column::Status.is_in([AccountStatus::Active, AccountStatus::NeedsAttention]))
            .filter(account::Column::TenantId.is_not_in(partial))
            .filter(Proof::OfApp.accounts())
            .limit(1)
            .into_tuple()
            .one(self.database.connection())
            .await?;
        Ok(due.is_some())
    }

    /// Writes down with the incident that these tenants, and those that belong with them, are no witnesses of its end.
    pub(crate) async fn are_partial(&self, tenants: impl IntoIterator<Item = TenantId>) -> Result<(), DbErr> {
        let connection = self.database.connection();
        let Some(incident) = incident::Entity::row(APP).one(connection).await? else {
            return Ok(());
        };
        let mut all = partial(&incident);
        all.extend(self.with_their_like(tenants.into_iter().collect()).await?);
        let all: StringList = all
            .into_iter()
            .take(REMEMBERED)
            .map(|tenant| tenant.to_string())
            .collect();
        incident::Entity::update_rows()
            .col_expr(incident::Column::PartialTenants, Expr::value(all))
            .filter(incident::Column::Scope.eq(APP))
            .exec(connection)
            .await
            .map(drop)
    }

    /// These tenants, and others with a member or an Instagram account of theirs.
    async fn with_their_like(&self, tenants: Vec<TenantId>) -> Result<BTreeSet<TenantId>, DbErr> {
        let members = membership::Entity::across_tenants()
            .select_only()
            .column(membership::Column::UserId)
            .filter(membership::Column::TenantId.is_in(tenants.iter().copied()))
            .into_query();
        let people = account::Entity::across_tenants()
            .select_only()
            .column(account::Column::PlatformUserId)
            .filter(account::Column::TenantId.is_in(tenants.iter().copied()))
            .into_query();
        let by_member = membership::Entity::across_tenants()
            .select_only()
            .column(membership::Column::TenantId)
            .filter(membership::Column::UserId.in_subquery(members))
            .distinct()
            .limit(REMEMBERED as u64);
        let by_person = account::Entity::across_tenants()
            .select_only()
            .column(account::Column::TenantId)
            .filter(account::Column::PlatformUserId.in_subquery(people))
            .distinct()
            .limit(REMEMBERED as u64);
        let connection = self.database.connection();
        let by_member: Vec<TenantId> = by_member.into_tuple().all(connection).await?;
        let by_person: Vec<TenantId> = by_person.into_tuple().all(connection).await?;
        Ok(tenants.into_iter().chain(by_member).chain(by_person).collect())
    }
}

fn partial(incident: &incident::Model) -> BTreeSet<TenantId> {
    let known = incident.partial_tenants.iter().flat_map(|list| &list.0);
    known.filter_map(|tenant| tenant.parse().ok()).collect()
}
