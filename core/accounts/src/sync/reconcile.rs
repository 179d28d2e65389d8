//! The stored posts of an account, brought in line with what Instagram lists.

use crate::sync::{
    digest,
    listing::Listing,
    missing_posts::MissingPosts,
    post_rows,
    stored_posts::{StoredPost, stored_posts},
};
use chrono::TimeDelta;
use sea_orm::{ColumnTrait, DbErr, QueryFilter, sea_query::Expr};
use std::{collections::HashMap, time::Duration};
use vitrine_base::database::Transaction;
use vitrine_entity::{MediaId, TenantOwned, Time, account, media};

/// A post that Instagram hid for so long is forgotten; until then its curation is kept.
const FORGOTTEN_AFTER: Duration = Duration::from_hours(30 * 24);
/// Rows that one statement names.
const ROWS_AT_ONCE: usize = 1_000;

/// What became of the stored posts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    pub(crate) added: usize,
    pub(crate) changed: usize,
    pub(crate) hidden: usize,
}

/// Stores what is new, changed or gone; with `all` also what is the same, because its links are. The days after which
/// a hidden post is forgotten begin at `hidden_at`.
pub(crate) async fn store(
    transaction: &Transaction,
    account: &account::Model,
    listing: &Listing,
    missing: &MissingPosts,
    all: bool,
    (now, hidden_at): (Time, Time),
) -> Result<Changes, DbErr> {
    // Read again, inside the transaction that holds the account: what was read before the calls may be old.
    let stored = stored_posts(transaction, account).await?;
    let (mut changes, rows) = compare(account, listing, &stored, all, now);
    post_rows::upsert(transaction, account, rows, listing.unasked).await?;
    changes.hidden = missing.gone.len();
    mark_missing(transaction, account, &stored, missing, (now, hidden_at)).await?;
    let there = reappeared(listing, &stored, missing);
    mark(transaction, account, &there, media::Column::MissedAt, None).await?;
    Ok(changes)
}

/// What a list adds and changes, and the rows to write for it.
fn compare(
    account: &account::Model,
    listing: &Listing,
    stored: &[StoredPost],
    all: bool,
    now: Time,
) -> (Changes, Vec<media::ActiveModel>) {
    let known: HashMap<&str, &StoredPost> = stored
        .iter()
        .map(|row| (row.platform_media_id.as_str(), row))
        .collect();
    let (mut changes, mut rows) = (Changes::default(), Vec::new());
    for item in &listing.items {
        let digest = digest::of_item(item);
        let row = known.get(item.id.as_str());
        // A hidden post that is listed again is shown again, although nothing about it is new.
        let same = row.is_some_and(|row| row.digest == digest && row.hidden_upstream_at.is_none());
        match row {
            None => changes.added += 1,
            Some(_) if !same => changes.changed += 1,
            Some(_) => {}
        }
        if all || !same {
            rows.push(post_rows::of(account, item, digest, row.copied(), now));
        }
    }
    (changes, rows)
}

/// Hides what is gone, and remembers what was missed for the first time.
async fn mark_missing(
    transaction: &Transaction,
    account: &account::Model,
    stored: &[StoredPost],
    missing: &MissingPosts,
    (now, hidden_at): (Time, Time),
) -> Result<(), DbErr> {
    let hidden = media::Column::HiddenUpstreamAt;
    mark(transaction, account, &missing.gone, hidden, Some(hidden_at)).await?;
    // Only the first miss is written: the second counts from it, however often the post is missed between.
    let first_missed: Vec<MediaId> = stored
        .iter()
        .filter(|row| row.missed_at.is_none() && missing.suspect.contains(&row.id))
        .map(|row| row.id)
        .collect();
    let missed = media::Column::MissedAt;
    mark(transaction, account, &first_missed, missed, Some(now)).await
}

/// Posts that were missed before and are there: a later miss is their first.
fn reappeared(listing: &Listing, stored: &[StoredPost], missing: &MissingPosts) -> Vec<MediaId> {
    let listed = listing.ids();
    let again = stored
        .iter()
        .filter(|row| row.missed_at.is_some() && listed.contains(row.platform_media_id.as_str()));
    again
        .map(|row| row.id)
        .chain(missing.there.iter().copied())
        .collect()
}

async fn mark(
    transaction: &Transaction,
    account: &account::Model,
    posts: &[MediaId],
    column: media::Column,
    at: Option<Time>,
) -> Result<(), DbErr> {
    for some in posts.chunks(ROWS_AT_ONCE) {
        media::Entity::update_of(account.tenant_id)
            .col_expr(column, Expr::value(at))
            .filter(media::Column::Id.is_in(some.iter().copied()))
            .exec(transaction)
            .await?;
    }
    Ok(())
}

/// Forgets posts that were hidden for long by then; their curation is lost with them.
pub(crate) async fn forget_hidden(
    transaction: &Transaction,
    account: &account::Model,
    now: Time,
) -> Result<(), DbErr> {
    let long_ago = now - TimeDelta::from_std(FORGOTTEN_AFTER).unwrap_or_default();
    media::Entity::delete_of(account.tenant_id)
        .filter(media::Column::AccountId.eq(account.id))
        .filter(media::Column::HiddenUpstreamAt.lt(long_ago))
        .exec(transaction)
        .await
        .map(drop)
}
