//! Reads an account's posts and profile from Instagram, and judges what comes instead.

use crate::{
    CallBudget, CallError, Calls, Reason, RunError, StatusRules,
    sync::listing::{Listing, PAGE},
};
use std::cmp::max;
use vitrine_entity::{account, account_token};
use vitrine_instagram::{
    AccessToken, Client, FailureKind, MediaItem, MediaPage, MediaRequest, Profile, TokenDeath,
};

/// The smallest page that is asked for when Instagram finds the answer too large.
const SMALLEST_PAGE: u32 = 10;
/// Pages of a full listing: bounds what one account costs.
const MOST_PAGES: usize = 10;

/// Reads for one account and one run.
pub(super) struct AccountReader<'r> {
    pub(super) calls: &'r Calls,
    pub(super) status_rules: &'r StatusRules,
    pub(super) account: &'r account::Model,
    pub(super) token_row: &'r account_token::Model,
    pub(super) token: &'r AccessToken,
    pub(super) call_budget: &'r CallBudget,
}

impl AccountReader<'_> {
    /// The newest posts: one page, or in full as far as it goes.
    pub(super) async fn list(&self, in_full: bool) -> Result<Listing, RunError> {
        let (mut listing, mut after) = (Listing::default(), None);
        let most = if in_full { MOST_PAGES } else { 1 };
        for _ in 0..most {
            let page = self.page(after.clone()).await?;
            self.log_unusable(&page);
            listing.has_gaps |= !page.unusable.is_empty();
            listing.unasked = listing.unasked.or(page.unasked);
            listing.items.extend(page.items);
            if page.after.is_none() || page.after == after {
                listing.complete = true;
                break;
            }
            after = page.after;
        }
        // A post whose entry could not be read looks as if it were missing.
        listing.complete &= !listing.has_gaps;
        listing.items = without_repeats(listing.items);
        Ok(listing)
    }

    fn log_unusable(&self, page: &MediaPage) {
        for entry in &page.unusable {
            metrics::counter!("vitrine_instagram_entries_skipped_total").increment(1);
            let album = entry.album.as_deref();
            tracing::warn!(account.id = %self.account.id, entry.position = entry.position, entry.album = album, "an entry of a list has no usable id and is skipped");
        }
    }

    async fn page(&self, after: Option<String>) -> Result<MediaPage, RunError> {
        let mut limit = PAGE;
        loop {
            let request = MediaRequest {
                limit,
                after: after.clone(),
            };
            let call = |client: Client| {
                let request = &request;
                async move { client.media_page(self.token, request).await }
            };
            match self.calls.make(self.call_budget, call).await {
                Err(CallError::Failed(failure))
                    if failure.kind == FailureKind::RetrySmaller && limit > SMALLEST_PAGE =>
                {
                    limit = max(limit / 2, SMALLEST_PAGE);
                }
                Err(error) => return Err(self.classify(error).await),
                Ok(page) => return Ok(page),
            }
        }
    }

    /// Who the account is now. An answer about another account is not believed, nor is what was read beside it.
    pub(super) async fn profile(&self) -> Result<Profile, RunError> {
        let call = |client: Client| async move { client.me(self.token).await };
        match self.calls.make(self.call_budget, call).await {
            Ok(profile) if is_of(&profile, self.account) => Ok(profile),
            Ok(_) => Err(RunError::Failed {
                reason: Reason::OtherAccount,
                source: None,
            }),
            Err(error) => Err(self.classify(error).await),
        }
    }

    /// Whether Instagram still has a post. A single "no" is not to be believed.
    pub(super) async fn is_there(&self, media: &str) -> Result<bool, RunError> {
        let call = |client: Client| async move { client.find_media(self.token, media).await };
        match self.calls.make(self.call_budget, call).await {
            Ok(()) => Ok(true),
            Err(CallError::Failed(failure)) if failure.kind == FailureKind::Gone => Ok(false),
            Err(error) => Err(self.classify(error).await),
        }
    }

    /// What an unanswered call means for the account.
    async fn classify(&self, error: CallError) -> RunError {
        let CallError::Failed(failure) = error else {
            return error.into();
        };
        match failure.kind {
            FailureKind::TokenDead(death) => self.judge_dead(death).await,
            FailureKind::NotAllowed(refusal) => {
                let rules = self.status_rules;
                rules.refused(self.account, self.token_row, refusal).await
            }
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
            | FailureKind::FieldRefused(_)
            | FailureKind::OurBug => RunError::Failed {
                reason: failure.kind.into(),
                source: Some(failure.into()),
            },
        }
    }

    async fn judge_dead(&self, death: TokenDeath) -> RunError {
        match self.calls.is_dead(self.call_budget, self.token).await {
            Ok(true) => self.status_rules.dead(self.account, self.token_row, death).await,
            Ok(false) => RunError::Retry {
                reason: Reason::FalseAlarm,
                source: None,
            },
            Err(error) => error.into(),
        }
    }
}

/// Servers differ in which id they give where, so any that is known will do.
fn is_of(profile: &Profile, account: &account::Model) -> bool {
    let known = [
        Some(account.platform_user_id.as_str()),
        account.app_scoped_id.as_deref(),
    ];
    let told = [profile.user_id.as_deref(), Some(profile.id.as_str())];
    told.into_iter().flatten().any(|id| known.contains(&Some(id)))
}

/// Posts added while the pages are read push others onto the next page again.
fn without_repeats(items: Vec<MediaItem>) -> Vec<MediaItem> {
    let mut seen = std::collections::HashSet::new();
    items
        .into_iter()
        .filter(|item| seen.insert(item.id.clone()))
        .collect()
}
