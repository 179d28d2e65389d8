//! From a token and a profile to an account with posts on the way.

use super::{ConnectError, Connections, consent::Consent, token::hold_token};
use crate::{CallBudget, accounts::set_profile, spread};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, DbErr, IntoActiveModel, QueryFilter};
use vitrine_base::{
    clock::later,
    database::{Transaction, is_duplicate},
};
use vitrine_entity::{
    AccountId, InstallationOwned, TenantId, TenantOwned, Time,
    account::{self, AccountStatus},
    job::JobKind,
    tenant,
};
use vitrine_feeds::{join_default_feed, mark_feeds_changed, mark_new_feeds_changed};
use vitrine_instagram::{AccessToken, AccountType, Dialect, Profile};
use vitrine_limits::{
    budget::{CallClass, WINDOW},
    plans::{self, Limit},
};
use vitrine_people::audit::{self, Actor, AuditEntry};

impl Connections {
    pub(super) async fn profile(&self, token: &AccessToken) -> Result<Profile, ConnectError> {
        let call_budget = CallBudget::of_app(CallClass::Interactive);
        let call = |client: vitrine_instagram::Client| async move { client.me(token).await };
        let profile = self.calls.make(&call_budget, call).await?;
        match profile.account_type {
            Some(AccountType::Personal) if self.calls.client().dialect() == Dialect::InstagramLogin => {
                Err(ConnectError::PersonalAccount {
                    username: profile.username,
                })
            }
            _ => Ok(profile),
        }
    }

    pub(super) async fn tenant(&self, id: TenantId) -> Result<tenant::Model, ConnectError> {
        let tenant = tenant::Entity::row(id).one(self.database.connection()).await?;
        tenant.ok_or(ConnectError::StateUnknown)
    }

    /// Stores the account and its sealed token, makes the default feed, and orders the first sync
    /// (the schedule follows a turn later): all or nothing. An account that is connected already is connected anew in its place.
    pub(super) async fn establish(
        &self,
        tenant: TenantId,
        consent: Consent,
        profile: Profile,
    ) -> Result<AccountId, ConnectError> {
        match self.try_establish(tenant, &consent, &profile).await {
            Err(ConnectError::Database(error)) if was_overtaken(&error) => {
                self.try_establish(tenant, &consent, &profile).await
            }
            other => other,
        }
    }

    async fn try_establish(
        &self,
        tenant: TenantId,
        consent: &Consent,
        profile: &Profile,
    ) -> Result<AccountId, ConnectError> {
        let now = self.clock.now();
        let transaction = self.database.begin_write().await?;
        let account = self.upsert(&transaction, tenant, consent, profile, now).await?;
        self.keep_token(&transaction, &account, consent, now).await?;
        join_default_feed(&transaction, &account, now).await?;
        // The profile is part of what a feed says, and it is new.
        let feeds = mark_feeds_changed(&transaction, &account, now).await?;
        let job = self
            .requests
            .write(&transaction, tenant, account.id, JobKind::SyncMedia)
            .await?;
        let actor = consent.by.map_or(Actor::System, Actor::Person);
        audit::record(
            &transaction,
            tenant,
            actor,
            AuditEntry::to("account.connected", account.id.0),
            now,
        )
        .await?;
        transaction.commit().await?;
        self.requests.push(self.database.connection(), &job).await;
        let feeds = mark_new_feeds_changed(&self.database, &account, feeds, now).await;
        self.changes.publish(&feeds).await;
        self.changes.publish_feeds_of(tenant).await;
        tracing::info!(account.id = %account.id, tenant.id = %tenant, "an account was connected");
        Ok(account.id)
    }

    async fn upsert(
        &self,
        transaction: &Transaction,
        tenant: TenantId,
        consent: &Consent,
        profile: &Profile,
        now: Time,
    ) -> Result<account::Model, ConnectError> {
        let platform_user_id = profile.user_id.clone().unwrap_or_else(|| profile.id.clone());
        let known = account::Entity::of(tenant)
            .filter(account::Column::PlatformUserId.eq(&platform_user_id))
            .one(transaction)
            .await?;
        if let Some(expected) = consent.expected {
            let expected = account::Entity::of(tenant)
                .filter(account::Column::Id.eq(expected))
                .one(transaction)
                .await?;
            refuse_other(
                expected.ok_or(ConnectError::NotFound)?,
                &platform_user_id,
                profile,
            )?;
        }
        let used_before = known.as_ref().map_or(0, |known| used_within_the_hour(known, now));
        if let Some(known) = &known {
            hold_token(transaction, known).await?;
        }
        let mut row = match known {
            Some(known) => reconnected(known, now),
            None => fresh(tenant, platform_user_id, now),
        };
        row.next_sync_at = Set(Some(spread(now, self.cadence.sync_every)));
        // The profile was read with the new token.
        row.calls_counted = Set(Some(used_before + 1));
        row.calls_counted_at = Set(Some(now));
        row.app_scoped_id = Set(Some(profile.id.clone()));
        if consent.exchange_user_id.is_some() {
            row.exchange_user_id = Set(consent.exchange_user_id.clone());
        }
        set_profile(&mut row, profile);
        let is_new = row.created_at.is_set();
        let stored = if is_new {
            plans::check_limit(transaction, tenant, Limit::Accounts, now).await??;
            row.insert(transaction).await?
        } else {
            row.update(transaction).await?
        };
        Ok(stored)
    }
}

/// The account was made, or deleted at its person's request, by somebody else meanwhile.
fn was_overtaken(error: &DbErr) -> bool {
    is_duplicate(error) || *error == DbErr::RecordNotUpdated
}

fn refuse_other(expected: account::Model, got: &str, profile: &Profile) -> Result<(), ConnectError> {
    if expected.platform_user_id == got {
        return Ok(());
    }
    Err(ConnectError::OtherAccount {
        expected: expected.username.unwrap_or(expected.platform_user_id),
        got: profile.username.clone().unwrap_or_else(|| got.to_owned()),
    })
}

fn used_within_the_hour(account: &account::Model, now: Time) -> i32 {
    let counted = account.calls_counted_at.filter(|at| later(*at, WINDOW) > now);
    counted.and(account.calls_counted).unwrap_or(0)
}

fn fresh(tenant: TenantId, platform_user_id: String, now: Time) -> account::ActiveModel {
    account::ActiveModel {
        id: Set(AccountId::generate()),
        tenant_id: Set(tenant),
        platform_user_id: Set(platform_user_id),
        status: Set(AccountStatus::Active),
        sync_failures: Set(0),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    }
}

fn reconnected(known: account::Model, now: Time) -> account::ActiveModel {
    let mut row = known.into_active_model();
    row.status = Set(AccountStatus::Active);
    row.status_reason = Set(None);
    row.sync_error = Set(None);
    row.sync_failures = Set(0);
    row.blocked_until = Set(None);
    row.sync_lease_id = Set(None);
    row.sync_lease_until = Set(None);
    row.updated_at = Set(now);
    row
}
