//! Writing what a sync found: the account, its posts, and which feeds have changed with them.

use crate::{
    CallBudget, RunContext, RunError,
    accounts::set_profile,
    sync::{
        listing::Listing,
        missing_posts::MissingPosts,
        reconcile::{self, Changes},
        report::SyncReport,
        turns::SyncTurns,
    },
};
use sea_orm::{UpdateMany, sea_query::Expr};
use vitrine_base::{
    clock::SharedClock,
    database::{Database, SafeTime},
};
use vitrine_entity::{Time, account};
use vitrine_feeds::{ChangeEvents, mark_feeds_changed, mark_new_feeds_changed};
use vitrine_instagram::Profile;

/// What a run found that has something to write.
pub(crate) struct Found {
    pub(crate) listing: Listing,
    /// The listing's digest.
    pub(crate) digest: String,
    pub(crate) missing: MissingPosts,
    /// Who the account is now, where that was read.
    pub(crate) profile: Option<Profile>,
    /// Whether the list was asked for as far as it goes.
    pub(crate) in_full: bool,
    pub(crate) is_renamed: bool,
}

/// Writes what syncs found.
#[derive(Clone)]
pub(crate) struct ChangeWriter {
    database: Database,
    clock: SharedClock,
    safe_time: SafeTime,
    turns: SyncTurns,
    changes: ChangeEvents,
}

impl ChangeWriter {
    pub(crate) fn new(
        database: Database,
        clock: SharedClock,
        turns: SyncTurns,
        changes: ChangeEvents,
    ) -> Self {
        Self {
            safe_time: SafeTime::new(database.clone(), clock.clone()),
            database,
            clock,
            turns,
            changes,
        }
    }

    /// Ends the turn and writes the posts, both or neither; then notifies the readers of the feeds.
    pub(crate) async fn write(
        &self,
        account: &account::Model,
        run: RunContext,
        call_budget: &CallBudget,
        found: Found,
    ) -> Result<SyncReport, RunError> {
        let row = self.turns.success(account, run, call_budget);
        let row = with_findings(row, account, run, &found);
        let now = self.clock.now();
        let (safe, hidden_at) = (self.safe_time.now().await?, self.safe_time.start().await?);
        let transaction = self.database.begin_write().await?;
        // The account comes first: from here on no other run takes it, and one that lost its lease writes no post.
        self.turns.write(row, account, run, &transaction).await?;
        let changes = reconcile::store(
            &transaction,
            account,
            &found.listing,
            &found.missing,
            found.in_full,
            (now, hidden_at),
        )
        .await?;
        reconcile::forget_hidden(&transaction, account, safe).await?;
        let report = report(account, &found, changes);
        let feeds = match is_news(&report, &found) {
            true => Some(mark_feeds_changed(&transaction, account, now).await?),
            false => None,
        };
        transaction.commit().await?;
        if let Some(feeds) = feeds {
            // A feed may have got the account since it was looked for; it is notified of these posts as well.
            let feeds = mark_new_feeds_changed(&self.database, account, feeds, now).await;
            self.changes.publish(&feeds).await;
        }
        Ok(report)
    }
}

fn report(account: &account::Model, found: &Found, changes: Changes) -> SyncReport {
    SyncReport {
        listed: found.listing.items.len(),
        added: changes.added,
        changed: changes.changed,
        hidden: changes.hidden,
        links_renewed: found.in_full && account.listed_at.is_some(),
    }
}

/// Whether readers of feeds would see a difference.
fn is_news(report: &SyncReport, found: &Found) -> bool {
    report.is_notable() || report.links_renewed || found.is_renamed
}

/// While posts are suspect the digest is left open, and a listing in full does not count, so that the next sync
/// looks at them again.
fn with_findings(
    row: UpdateMany<account::Entity>,
    account: &account::Model,
    run: RunContext,
    found: &Found,
) -> UpdateMany<account::Entity> {
    let is_sure = found.missing.suspect.is_empty();
    let digest = Some(found.digest.as_str()).filter(|_| is_sure);
    let links_end = links_end(account, &found.listing, found.in_full);
    let mut row = row
        .col_expr(account::Column::MediaDigest, Expr::value(digest))
        .col_expr(account::Column::LinksExpireAt, Expr::value(links_end));
    if found.in_full && is_sure {
        row = row.col_expr(account::Column::ListedAt, Expr::value(run.started_at));
    }
    match &found.profile {
        Some(profile) => {
            let mut columns = account::ActiveModel::default();
            set_profile(&mut columns, profile);
            row.set(columns)
        }
        None => row,
    }
}

/// When the first stored link dies: of all links when all are new, else also of those that stay.
fn links_end(account: &account::Model, listing: &Listing, all_new: bool) -> Option<Time> {
    let new = listing.links_expire_at();
    let kept = account.links_expire_at.filter(|_| !all_new);
    [new, kept].into_iter().flatten().min()
}
