//! `SyncMedia`: copies an account's newest posts.

use crate::{
    CallBudget, Reason, RunContext, RunError, RunParts,
    jobs::AccountJob,
    profile_columns::describe,
    run_lease::with_lease,
    sync::{
        account_reader::AccountReader,
        digest,
        listing::{Listing, links_need_renewal},
        missing_posts::MissingPosts,
        reconcile::{self, Changes},
        turns::SyncTurns,
    },
};
use sea_orm::{DbErr, UpdateMany, sea_query::Expr};
use serde::Serialize;
use std::time::Duration;
use vitrine_base::{clock::later, database::SafeTime};
use vitrine_entity::{
    Time,
    account::{self, AccountStatus},
    account_token,
};
use vitrine_feeds::{ChangeEvents, mark_feeds_changed, mark_new_feeds_changed};
use vitrine_instagram::{AccessToken, Profile};
use vitrine_limits::budget::CallClass;

/// How often the whole library is listed, to find what vanished from its older parts.
const LIST_EVERY: Duration = Duration::from_hours(7 * 24);

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
    parts: RunParts,
    safe_time: SafeTime,
    turns: SyncTurns,
    changes: ChangeEvents,
}

impl Syncer {
    /// The job over its parts.
    #[must_use]
    pub fn new(parts: RunParts, changes: ChangeEvents) -> Self {
        let turns = SyncTurns::new(parts.database.clone(), parts.clock.clone(), parts.cadence);
        Self {
            safe_time: SafeTime::new(parts.database.clone(), parts.clock.clone()),
            parts,
            turns,
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
        let run = RunContext::new(job, self.parts.clock.now(), CallClass::Sync);
        let (account, token) = self.turns.take(job, run).await?;
        let call_budget = CallBudget::of(&account, &token, run.class);
        let copying = self.copy(&account, &token, run, &call_budget);
        let done = with_lease(copying, || self.turns.renew_lease(&account, run)).await;
        match &done {
            Ok(_) => self.parts.calls.count_sync(account.tenant_id),
            Err(error) => self.turns.settle(&account, run, &call_budget, error).await?,
        }
        done
    }

    /// Ends a turn that was tried as often as is allowed: the schedule goes on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn give_up(&self, job: &AccountJob, reason: Reason) -> Result<(), DbErr> {
        self.turns.give_up(job, reason).await
    }

    async fn copy(
        &self,
        account: &account::Model,
        token_row: &account_token::Model,
        run: RunContext,
        call_budget: &CallBudget,
    ) -> Result<SyncReport, RunError> {
        let vault = &self.parts.vault;
        let token = vault.open_token(account.id, &token_row.key_id, &token_row.ciphertext)?;
        let token = AccessToken::from(token);
        let every = self.parts.cadence.sync_every(account);
        let in_full = links_need_renewal(account.links_expire_at, every, run.started_at)
            || self.listing_is_due(account, run.started_at);
        let reading = AccountReader {
            calls: &self.parts.calls,
            status_rules: &self.parts.status_rules,
            account,
            token_row,
            token: &token,
            call_budget,
        };
        let read = reading.list(in_full).await?;
        self.check_listing(account, &read)?;
        let fresh = read.digest();
        let changed = in_full || account.media_digest.as_deref() != Some(&fresh);
        if !changed {
            return self.unchanged(account, run, call_budget, &read).await;
        }
        let is_renamed = account.listed_at.is_some() && is_renamed(account, &read);
        let profile = match account.listed_at {
            Some(_) if in_full || is_renamed => Some(reading.profile().await?),
            _ => None,
        };
        let connection = self.parts.database.connection();
        let absent = MissingPosts::find(connection, &reading, &read, run.started_at).await?;
        let turn = Turn {
            account,
            run,
            call_budget,
            in_full,
            is_renamed,
        };
        let row = self.changed_row(turn, &read, profile, fresh, &absent);
        self.store(turn, &read, &absent, row).await
    }

    async fn unchanged(
        &self,
        account: &account::Model,
        run: RunContext,
        call_budget: &CallBudget,
        read: &Listing,
    ) -> Result<SyncReport, RunError> {
        if account.status == AccountStatus::Active {
            self.turns.end_unchanged(account, run, call_budget).await?;
        } else {
            let row = self.turns.success(account, run, call_budget);
            let connection = self.parts.database.connection();
            self.turns.write(row, account, run, connection).await?;
        }
        Ok(SyncReport {
            listed: read.items.len(),
            ..Default::default()
        })
    }

    fn listing_is_due(&self, account: &account::Model, now: Time) -> bool {
        account
            .listed_at
            .is_none_or(|listed| later(listed, LIST_EVERY) <= now)
    }

    /// An empty list is believed when it comes twice, or when nothing was stored.
    fn check_listing(&self, account: &account::Model, listing: &Listing) -> Result<(), RunError> {
        let had_posts =
            account.listed_at.is_some() && account.media_digest.as_deref() != Some(&digest::of_page(&[]));
        let first_time = Reason::of_stored(account.sync_error.as_deref()) != Some(Reason::EmptyListing);
        if listing.items.is_empty() && had_posts && first_time {
            return Err(RunError::Failed {
                reason: Reason::EmptyListing,
                source: None,
            });
        }
        Ok(())
    }

    /// While posts are suspect the digest is left open, and a listing in full does not count, so that the next sync
    /// looks at them again.
    fn changed_row(
        &self,
        turn: Turn<'_>,
        read: &Listing,
        profile: Option<Profile>,
        fresh: String,
        absent: &MissingPosts,
    ) -> UpdateMany<account::Entity> {
        let digest = Some(fresh).filter(|_| absent.suspect.is_empty());
        let mut row = self
            .turns
            .success(turn.account, turn.run, turn.call_budget)
            .col_expr(account::Column::MediaDigest, Expr::value(digest))
            .col_expr(
                account::Column::LinksExpireAt,
                Expr::value(links_end(turn.account, read, turn.in_full)),
            );
        if turn.in_full && absent.suspect.is_empty() {
            row = row.col_expr(account::Column::ListedAt, Expr::value(turn.run.started_at));
        }
        match profile {
            Some(profile) => {
                let mut columns = account::ActiveModel::default();
                describe(&mut columns, &profile);
                row.set(columns)
            }
            None => row,
        }
    }

    async fn store(
        &self,
        turn: Turn<'_>,
        listing: &Listing,
        absent: &MissingPosts,
        row: UpdateMany<account::Entity>,
    ) -> Result<SyncReport, RunError> {
        let Turn {
            account,
            run,
            in_full,
            ..
        } = turn;
        let now = self.parts.clock.now();
        let (safe, hidden_at) = (self.safe_time.now().await?, self.safe_time.start().await?);
        let transaction = self.parts.database.begin_write().await?;
        self.turns.write(row, account, run, &transaction).await?;
        let Changes {
            added,
            changed,
            hidden,
        } = reconcile::store(&transaction, account, listing, absent, in_full, (now, hidden_at)).await?;
        reconcile::forget_hidden(&transaction, account, safe).await?;
        let report = SyncReport {
            listed: listing.items.len(),
            added,
            changed,
            hidden,
            links_renewed: in_full && account.listed_at.is_some(),
        };
        let is_news = report.is_notable() || report.links_renewed || turn.is_renamed;
        let feeds = if is_news {
            mark_feeds_changed(&transaction, account, now).await?
        } else {
            Vec::new()
        };
        transaction.commit().await?;
        if is_news {
            let feeds = mark_new_feeds_changed(&self.parts.database, account, feeds, now).await;
            self.changes.publish(&feeds).await;
        }
        Ok(report)
    }
}

/// What a run that has something to write works with.
#[derive(Clone, Copy)]
struct Turn<'t> {
    account: &'t account::Model,
    run: RunContext,
    call_budget: &'t CallBudget,
    in_full: bool,
    is_renamed: bool,
}

/// Whether the posts name somebody else than the account was called.
fn is_renamed(account: &account::Model, read: &Listing) -> bool {
    let mut names = read.items.iter().filter_map(|item| item.username.as_deref());
    names.any(|name| account.username.as_deref() != Some(name))
}

/// When the first stored link dies: of all links when all are new, else also of those that stay.
fn links_end(account: &account::Model, listing: &Listing, all_new: bool) -> Option<Time> {
    let new = listing.links_expire_at();
    let kept = account.links_expire_at.filter(|_| !all_new);
    [new, kept].into_iter().flatten().min()
}
