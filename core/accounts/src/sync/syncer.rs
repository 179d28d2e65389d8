//! `SyncMedia`: copies an account's newest posts.

use crate::{
    CallBudget, Reason, RunContext, RunError, RunParts,
    jobs::AccountJob,
    run_lease::with_lease,
    sync::{
        account_reader::AccountReader,
        change_writer::{ChangeWriter, Found},
        digest,
        listing::{Listing, links_need_renewal},
        missing_posts::MissingPosts,
        report::SyncReport,
        turns::SyncTurns,
    },
};
use sea_orm::DbErr;
use std::time::Duration;
use vitrine_base::clock::later;
use vitrine_entity::{
    Time,
    account::{self, AccountStatus},
    account_token,
};
use vitrine_feeds::ChangeEvents;
use vitrine_instagram::AccessToken;
use vitrine_limits::budget::CallClass;

/// How often the whole library is listed, to find what vanished from its older parts.
const LIST_EVERY: Duration = Duration::from_hours(7 * 24);

/// Runs syncs.
#[derive(Clone)]
pub struct Syncer {
    parts: RunParts,
    turns: SyncTurns,
    writer: ChangeWriter,
}

impl Syncer {
    /// The job over its parts.
    #[must_use]
    pub fn new(parts: RunParts, changes: ChangeEvents) -> Self {
        let (database, clock) = (&parts.database, &parts.clock);
        let turns = SyncTurns::new(database.clone(), clock.clone(), parts.cadence);
        Self {
            writer: ChangeWriter::new(database.clone(), clock.clone(), turns.clone(), changes),
            parts,
            turns,
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
            || listing_is_due(account, run.started_at);
        let reader = AccountReader {
            calls: &self.parts.calls,
            status_rules: &self.parts.status_rules,
            account,
            token_row,
            token: &token,
            call_budget,
        };
        let listing = reader.list(in_full).await?;
        check_listing(account, &listing)?;
        let digest = listing.digest();
        if !in_full && account.media_digest.as_deref() == Some(&digest) {
            return self.unchanged(account, run, call_budget, &listing).await;
        }
        let is_renamed = account.listed_at.is_some() && is_renamed(account, &listing);
        let profile = match account.listed_at {
            Some(_) if in_full || is_renamed => Some(reader.profile().await?),
            _ => None,
        };
        let connection = self.parts.database.connection();
        let missing = MissingPosts::find(connection, &reader, &listing, run.started_at).await?;
        let found = Found {
            listing,
            digest,
            missing,
            profile,
            in_full,
            is_renamed,
        };
        self.writer.write(account, run, call_budget, found).await
    }

    async fn unchanged(
        &self,
        account: &account::Model,
        run: RunContext,
        call_budget: &CallBudget,
        listing: &Listing,
    ) -> Result<SyncReport, RunError> {
        if account.status == AccountStatus::Active {
            self.turns.end_unchanged(account, run, call_budget).await?;
        } else {
            let row = self.turns.success(account, run, call_budget);
            let connection = self.parts.database.connection();
            self.turns.write(row, account, run, connection).await?;
        }
        Ok(SyncReport {
            listed: listing.items.len(),
            ..Default::default()
        })
    }
}

fn listing_is_due(account: &account::Model, now: Time) -> bool {
    account
        .listed_at
        .is_none_or(|listed| later(listed, LIST_EVERY) <= now)
}

/// An empty list is believed when it comes twice, or when nothing was stored.
fn check_listing(account: &account::Model, listing: &Listing) -> Result<(), RunError> {
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

/// Whether the posts name somebody else than the account was called.
fn is_renamed(account: &account::Model, listing: &Listing) -> bool {
    let mut names = listing.items.iter().filter_map(|item| item.username.as_deref());
    names.any(|name| account.username.as_deref() != Some(name))
}
