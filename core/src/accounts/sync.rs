//! `SyncMedia`: copies an account's newest posts.

use super::{
    CallError, Calls, RunContext, RunError, Verdicts, digest,
    library::{self, Changes, Listing},
    schedule::{Cadence, spread},
    verdict::REFRESH_FAILING,
};
use crate::{
    budget::{CallClass, Payer},
    clock::{SharedClock, later},
    database::Database,
    feeds::FeedChanges,
    jobs::AccountJob,
    security::Vault,
};
use chrono::TimeDelta;
use sea_orm::{ColumnTrait, DbErr, ExprTrait, QueryFilter, sea_query::Expr};
use serde::Serialize;
use std::{
    cmp::{max, min},
    time::Duration,
};
use vitrine_entity::{
    LeaseId, TenantOwned, Time,
    account::{self, AccountStatus},
    account_token,
};
use vitrine_instagram::{AccessToken, FailureKind, MediaItem, MediaPage, MediaRequest, Profile};

/// Posts of one call; the most that the edge gives.
const PAGE: u32 = 100;
/// The smallest page that is asked for when Instagram finds the answer too large.
const SMALLEST_PAGE: u32 = 10;
/// Pages of a full listing: bounds what one account costs.
const MOST_PAGES: usize = 10;
/// How often the whole library is listed, to find what vanished from its older parts.
const LIST_EVERY: Duration = Duration::from_hours(7 * 24);
/// A run that takes longer than this is taken for lost.
const LEASE: Duration = Duration::from_mins(5);
/// Written when a list comes back empty although posts are stored; believed the second time.
const EMPTY_LISTING: &str = "empty_listing";

/// What a sync did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SyncReport {
    /// Posts that Instagram listed.
    pub listed: usize,
    /// New ones.
    pub added: usize,
    /// Edited ones.
    pub changed: usize,
    /// Ones that are gone.
    pub hidden: usize,
    /// Whether all links were stored anew because the old ones die soon.
    pub links_renewed: bool,
}

impl SyncReport {
    /// Whether there is something to tell.
    #[must_use]
    pub fn is_notable(&self) -> bool {
        self.added + self.changed + self.hidden > 0
    }
}

/// Runs syncs.
#[derive(Clone)]
pub struct Syncer {
    database: Database,
    clock: SharedClock,
    vault: Vault,
    calls: Calls,
    verdicts: Verdicts,
    cadence: Cadence,
    changes: FeedChanges,
}

impl Syncer {
    /// The job over its parts.
    #[must_use]
    pub fn new(
        database: Database,
        clock: SharedClock,
        vault: Vault,
        calls: Calls,
        verdicts: Verdicts,
        cadence: Cadence,
        changes: FeedChanges,
    ) -> Self {
        Self {
            database,
            clock,
            vault,
            calls,
            verdicts,
            cadence,
            changes,
        }
    }

    /// Copies the newest posts of one account. Safe to run twice, also at once: a lease lets only
    /// one run work, and a turn that was taken is not taken again.
    ///
    /// # Errors
    /// How the run ended; the account's next turn is settled in every case but
    /// [`RunError::Retry`], after which the queue delivers the job again or [`Syncer::give_up`] is
    /// called.
    pub async fn run(&self, job: &AccountJob) -> Result<SyncReport, RunError> {
        let run = RunContext::new(job, self.clock.now(), CallClass::Sync);
        let account = self.take_lease(job, run).await?;
        let done = self.copy(&account, run).await;
        match &done {
            Ok(_) => {}
            Err(RunError::Stale(_) | RunError::Stopped { .. }) => self.release(&account, run.lease).await?,
            Err(RunError::Retry { .. }) => self.release(&account, run.lease).await?,
            Err(RunError::Later { until, .. }) => self.put_off(&account, run.lease, *until).await?,
            Err(RunError::Failed { reason, .. }) => self.fail(&account, Some(run.lease), reason).await?,
        }
        done
    }

    /// Ends a turn that was tried as often as is allowed: the schedule goes on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn give_up(&self, job: &AccountJob, reason: &'static str) -> Result<(), DbErr> {
        let connection = self.database.connection();
        let account = account::Entity::of(job.tenant)
            .filter(account::Column::Id.eq(job.account))
            .one(connection);
        match account.await? {
            Some(account) => self.fail(&account, None, reason).await,
            None => Ok(()),
        }
    }

    async fn copy(&self, account: &account::Model, run: RunContext) -> Result<SyncReport, RunError> {
        let token = self.open_token(account, run.started_at).await?;
        let every = self.cadence.sync_every(account);
        let renew = library::links_need_renewal(account.links_expire_at, every, run.started_at);
        let in_full = renew || self.listing_is_due(account, run.started_at);
        let listing = self.list(account, &token, run, in_full).await?;
        let profile = match account.listed_at {
            Some(_) if in_full => Some(self.profile(account, &token, run).await?),
            _ => None,
        };
        self.believe(account, &listing)?;
        self.finish(account, run, &listing, profile, in_full, renew).await
    }

    fn listing_is_due(&self, account: &account::Model, now: Time) -> bool {
        account
            .listed_at
            .is_none_or(|listed| later(listed, LIST_EVERY) <= now)
    }

    async fn list(
        &self,
        account: &account::Model,
        token: &AccessToken,
        run: RunContext,
        in_full: bool,
    ) -> Result<Listing, RunError> {
        let (mut items, mut after): (Vec<MediaItem>, Option<String>) = (Vec::new(), None);
        let most = if in_full { MOST_PAGES } else { 1 };
        for _ in 0..most {
            let page = self.page(account, token, run, after.clone()).await?;
            items.extend(page.items);
            if page.after.is_none() || page.after == after {
                return Ok(Listing {
                    items: without_repeats(items),
                    complete: true,
                });
            }
            after = page.after;
        }
        Ok(Listing {
            items: without_repeats(items),
            complete: false,
        })
    }

    async fn page(
        &self,
        account: &account::Model,
        token: &AccessToken,
        run: RunContext,
        after: Option<String>,
    ) -> Result<MediaPage, RunError> {
        let mut limit = PAGE;
        loop {
            let request = MediaRequest {
                limit,
                after: after.clone(),
            };
            let bearer = token.clone();
            let call =
                |client: vitrine_instagram::Client| async move { client.media_page(&bearer, &request).await };
            match self.calls.make(Payer::Token(account.id), run.class, call).await {
                Err(CallError::Failed(failure))
                    if failure.kind == FailureKind::RetrySmaller && limit > SMALLEST_PAGE =>
                {
                    limit = max(limit / 2, SMALLEST_PAGE);
                }
                Err(error) => return Err(self.judge(account, token, error).await),
                Ok(page) => return Ok(page),
            }
        }
    }

    async fn profile(
        &self,
        account: &account::Model,
        token: &AccessToken,
        run: RunContext,
    ) -> Result<Profile, RunError> {
        let bearer = token.clone();
        let call = |client: vitrine_instagram::Client| async move { client.me(&bearer).await };
        match self.calls.make(Payer::Token(account.id), run.class, call).await {
            Ok(profile) => Ok(profile),
            Err(error) => Err(self.judge(account, token, error).await),
        }
    }

    /// What an unanswered call means for the account.
    async fn judge(&self, account: &account::Model, token: &AccessToken, error: CallError) -> RunError {
        let CallError::Failed(failure) = error else {
            return error.into();
        };
        let reason = failure.kind.code_word();
        match failure.kind {
            FailureKind::TokenDead(_) => self.judge_dead(account, token, reason).await,
            FailureKind::NotAllowed(_) => match self.verdicts.refused(account, reason).await {
                Ok(()) => RunError::Failed { reason, source: None },
                Err(end) => end,
            },
            FailureKind::Retry | FailureKind::RetrySmaller | FailureKind::Gone => {
                CallError::Failed(failure).into()
            }
            FailureKind::Throttled { .. }
            | FailureKind::CodeSpent
            | FailureKind::RedirectMismatch
            | FailureKind::AppMisconfigured(_)
            | FailureKind::RoleMissing
            | FailureKind::InvalidScope
            | FailureKind::TooYoungToRefresh
            | FailureKind::OurBug => RunError::Failed {
                reason,
                source: Some(failure.into()),
            },
        }
    }

    async fn judge_dead(
        &self,
        account: &account::Model,
        token: &AccessToken,
        reason: &'static str,
    ) -> RunError {
        match self.calls.is_dead(Payer::Token(account.id), token).await {
            Ok(true) => match self
                .verdicts
                .needs_reconnect(account.tenant_id, account.id, reason)
                .await
            {
                Ok(()) => RunError::Stopped { reason },
                Err(error) => error.into(),
            },
            Ok(false) => RunError::Retry {
                reason: "false_alarm",
                source: None,
            },
            Err(error) => error.into(),
        }
    }

    /// An empty list is believed when it comes twice, or when nothing was stored.
    fn believe(&self, account: &account::Model, listing: &Listing) -> Result<(), RunError> {
        let had_posts =
            account.listed_at.is_some() && account.media_digest.as_deref() != Some(&digest::of_page(&[]));
        let first_time = account.sync_error.as_deref() != Some(EMPTY_LISTING);
        if listing.items.is_empty() && had_posts && first_time {
            return Err(RunError::Failed {
                reason: EMPTY_LISTING,
                source: None,
            });
        }
        Ok(())
    }

    async fn finish(
        &self,
        account: &account::Model,
        run: RunContext,
        listing: &Listing,
        profile: Option<Profile>,
        in_full: bool,
        renew: bool,
    ) -> Result<SyncReport, RunError> {
        let first_page = &listing.items[..listing.items.len().min(PAGE as usize)];
        let digest = digest::of_page(first_page);
        let mut row = self.success(account, run);
        if account.media_digest.as_deref() == Some(&digest) && !in_full {
            self.write(row, account, run.lease, self.database.connection())
                .await?;
            return Ok(SyncReport {
                listed: listing.items.len(),
                ..Default::default()
            });
        }
        row = row.col_expr(account::Column::MediaDigest, Expr::value(digest));
        row = row.col_expr(
            account::Column::LinksExpireAt,
            Expr::value(links_end(account, listing, renew || in_full)),
        );
        if in_full {
            row = row.col_expr(account::Column::ListedAt, Expr::value(run.started_at));
        }
        if let Some(profile) = profile {
            row = with_profile(row, profile);
        }
        self.store(account, run, listing, row, in_full, renew).await
    }

    async fn store(
        &self,
        account: &account::Model,
        run: RunContext,
        listing: &Listing,
        row: sea_orm::UpdateMany<account::Entity>,
        in_full: bool,
        renew: bool,
    ) -> Result<SyncReport, RunError> {
        let now = self.clock.now();
        let transaction = self.database.begin_write().await?;
        self.write(row, account, run.lease, &transaction).await?;
        let Changes {
            added,
            changed,
            hidden,
        } = library::store(&transaction, account, listing, renew, now).await?;
        let report = SyncReport {
            listed: listing.items.len(),
            added,
            changed,
            hidden,
            links_renewed: renew,
        };
        let visible = report.is_notable() || renew || (in_full && account.listed_at.is_some());
        let feeds = if visible {
            library::touch_feeds(&transaction, account, now).await?
        } else {
            Vec::new()
        };
        transaction.commit().await?;
        self.changes.publish(&feeds).await;
        Ok(report)
    }

    /// The account's columns after a success.
    fn success(&self, account: &account::Model, run: RunContext) -> sea_orm::UpdateMany<account::Entity> {
        let every = self.cadence.sync_every(account);
        let recovered = account.status == AccountStatus::NeedsAttention
            && account.status_reason.as_deref() != Some(REFRESH_FAILING);
        let mut row = account::Entity::update_of(account.tenant_id)
            .col_expr(account::Column::SyncedAt, Expr::value(run.started_at))
            .col_expr(
                account::Column::NextSyncAt,
                Expr::value(spread(self.clock.now(), every)),
            )
            .col_expr(account::Column::SyncError, Expr::value(None::<String>))
            .col_expr(account::Column::SyncFailures, Expr::value(0))
            .col_expr(account::Column::BlockedUntil, Expr::value(None::<Time>));
        if recovered {
            row = row
                .col_expr(account::Column::Status, Expr::value(AccountStatus::Active))
                .col_expr(account::Column::StatusReason, Expr::value(None::<String>));
        }
        row
    }

    /// Writes the end of a run, if the run still holds the account.
    async fn write(
        &self,
        row: sea_orm::UpdateMany<account::Entity>,
        account: &account::Model,
        lease: LeaseId,
        connection: &impl sea_orm::ConnectionTrait,
    ) -> Result<(), RunError> {
        let written = freed(row)
            .filter(account::Column::Id.eq(account.id))
            .filter(account::Column::SyncLeaseId.eq(lease))
            .exec(connection)
            .await?;
        if written.rows_affected == 1 {
            Ok(())
        } else {
            Err(RunError::Stale("lease_lost"))
        }
    }

    async fn take_lease(&self, job: &AccountJob, run: RunContext) -> Result<account::Model, RunError> {
        let mut claim = account::Entity::update_of(job.tenant)
            .col_expr(account::Column::SyncLeaseId, Expr::value(run.lease))
            .col_expr(
                account::Column::SyncLeaseUntil,
                Expr::value(later(run.started_at, LEASE)),
            )
            .filter(account::Column::Id.eq(job.account))
            .filter(account::Column::Status.is_in([AccountStatus::Active, AccountStatus::NeedsAttention]))
            .filter(
                account::Column::SyncLeaseId
                    .is_null()
                    .or(account::Column::SyncLeaseUntil.lte(run.started_at)),
            );
        if let Some(due) = job.due_at {
            claim = claim.filter(account::Column::NextSyncAt.lte(due));
        }
        let taken = claim.exec_with_returning(self.database.connection()).await?;
        match taken.into_iter().next() {
            Some(account) => Ok(account),
            None => Err(self.why_not(job, run.started_at).await?),
        }
    }

    async fn why_not(&self, job: &AccountJob, now: Time) -> Result<RunError, DbErr> {
        let connection = self.database.connection();
        let account = account::Entity::of(job.tenant)
            .filter(account::Column::Id.eq(job.account))
            .one(connection);
        Ok(match account.await? {
            None => RunError::Stale("account_gone"),
            Some(_) if job.due_at.is_some() => RunError::Stale("turn_taken"),
            Some(account) => match account.status {
                AccountStatus::NeedsReconnect => RunError::Stopped {
                    reason: "needs_reconnect",
                },
                AccountStatus::Paused => RunError::Stopped { reason: "paused" },
                AccountStatus::Active | AccountStatus::NeedsAttention => RunError::Later {
                    until: min(
                        account.sync_lease_until.unwrap_or(now),
                        now + TimeDelta::seconds(5),
                    ),
                    reason: "already_running",
                },
            },
        })
    }

    async fn open_token(&self, account: &account::Model, now: Time) -> Result<AccessToken, RunError> {
        let token = account_token::Entity::of(account.tenant_id)
            .filter(account_token::Column::AccountId.eq(account.id))
            .one(self.database.connection())
            .await?
            .ok_or(RunError::Stale("account_gone"))?;
        if token.expires_at <= now && !token.expiry_assumed {
            self.verdicts
                .needs_reconnect(account.tenant_id, account.id, "token_expired")
                .await?;
            return Err(RunError::Stopped {
                reason: "token_expired",
            });
        }
        Ok(self.vault.open(account.id, &token.key_id, &token.ciphertext)?)
    }

    async fn release(&self, account: &account::Model, lease: LeaseId) -> Result<(), DbErr> {
        let until = later(self.clock.now(), LEASE);
        account::Entity::update_of(account.tenant_id)
            .col_expr(account::Column::SyncLeaseId, Expr::value(None::<LeaseId>))
            .col_expr(account::Column::SyncLeaseUntil, Expr::value(until))
            .filter(account::Column::Id.eq(account.id))
            .filter(account::Column::SyncLeaseId.eq(lease))
            .exec(self.database.connection())
            .await
            .map(drop)
    }

    async fn put_off(&self, account: &account::Model, lease: LeaseId, until: Time) -> Result<(), DbErr> {
        let row = account::Entity::update_of(account.tenant_id)
            .col_expr(account::Column::NextSyncAt, Expr::value(until))
            .col_expr(account::Column::BlockedUntil, Expr::value(until))
            .filter(account::Column::Id.eq(account.id))
            .filter(account::Column::SyncLeaseId.eq(lease));
        freed(row).exec(self.database.connection()).await.map(drop)
    }

    async fn fail(
        &self,
        account: &account::Model,
        lease: Option<LeaseId>,
        reason: &str,
    ) -> Result<(), DbErr> {
        let every = self.cadence.sync_every(account);
        let mut row = account::Entity::update_of(account.tenant_id)
            .col_expr(
                account::Column::NextSyncAt,
                Expr::value(spread(self.clock.now(), every)),
            )
            .col_expr(
                account::Column::SyncFailures,
                Expr::col(account::Column::SyncFailures).add(1),
            )
            .filter(account::Column::Id.eq(account.id))
            .filter(account::Column::NextSyncAt.is_not_null());
        if account.sync_error.as_deref() != Some(super::verdict::REFUSED) || lease.is_none() {
            row = row.col_expr(account::Column::SyncError, Expr::value(reason));
        }
        if let Some(lease) = lease {
            row = row.filter(account::Column::SyncLeaseId.eq(lease));
        }
        freed(row).exec(self.database.connection()).await.map(drop)
    }
}

fn freed(row: sea_orm::UpdateMany<account::Entity>) -> sea_orm::UpdateMany<account::Entity> {
    row.col_expr(account::Column::SyncLeaseId, Expr::value(None::<LeaseId>))
        .col_expr(account::Column::SyncLeaseUntil, Expr::value(None::<Time>))
}

fn with_profile(
    row: sea_orm::UpdateMany<account::Entity>,
    profile: Profile,
) -> sea_orm::UpdateMany<account::Entity> {
    row.col_expr(account::Column::Username, Expr::value(profile.username))
        .col_expr(account::Column::Name, Expr::value(profile.name))
        .col_expr(
            account::Column::ProfilePictureUrl,
            Expr::value(profile.profile_picture_url),
        )
        .col_expr(account::Column::Biography, Expr::value(profile.biography))
        .col_expr(account::Column::Website, Expr::value(profile.website))
        .col_expr(account::Column::MediaCount, Expr::value(profile.media_count))
        .col_expr(
            account::Column::FollowersCount,
            Expr::value(profile.followers_count),
        )
        .col_expr(account::Column::FollowsCount, Expr::value(profile.follows_count))
}

/// Posts added while the pages are read push others onto the next page again.
fn without_repeats(items: Vec<MediaItem>) -> Vec<MediaItem> {
    let mut seen = std::collections::HashSet::new();
    items
        .into_iter()
        .filter(|item| seen.insert(item.id.clone()))
        .collect()
}

/// When the first stored link dies: of all links when all are new, else also of those that stay.
fn links_end(account: &account::Model, listing: &Listing, all_new: bool) -> Option<Time> {
    let new = listing.links_expire_at();
    let kept = account.links_expire_at.filter(|_| !all_new);
    [new, kept].into_iter().flatten().min()
}
