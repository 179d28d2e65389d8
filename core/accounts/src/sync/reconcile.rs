//! The stored posts of an account, brought in line with what Instagram lists.

use crate::sync::{digest, post_rows};
use chrono::TimeDelta;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, FromQueryResult, QueryFilter, QuerySelect, sea_query::Expr,
};
use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};
use vitrine_base::{clock::later, database::Transaction};
use vitrine_entity::{MediaId, TenantOwned, Time, account, media};
use vitrine_instagram::{FieldSet, MediaItem, link_expires_at};

/// A post that Instagram hid for so long is forgotten; until then its curation is kept.
const FORGOTTEN_AFTER: Duration = Duration::from_hours(30 * 24);
/// That a post is gone is believed when Instagram says so twice, so far apart: the answer has been seen for
/// posts that were there.
const BELIEVED_AFTER: Duration = Duration::from_mins(10);
/// A complete list that lacks more stored posts than this is believed the second time: short lists have been seen of
/// accounts that had lost nothing.
const BELIEVED_AT_ONCE: usize = 3;
/// Rows that one statement names.
const ROWS_AT_ONCE: usize = 1_000;

/// Posts as Instagram lists them, newest first.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// The posts.
    pub(crate) items: Vec<MediaItem>,
    /// Whether the list goes to the very end, so that what it lacks is gone.
    pub(crate) complete: bool,
    /// Whether entries could not be read.
    pub(crate) has_gaps: bool,
    /// What was not asked for: what is stored of it stays.
    pub(crate) unasked: FieldSet,
}

/// What became of stored posts that the list lacks.
#[derive(Debug, Default)]
pub(crate) struct MissingPosts {
    /// Instagram has them no more.
    pub(crate) gone: Vec<MediaId>,
    /// Instagram said so for the first time.
    pub(crate) suspect: Vec<MediaId>,
    /// Instagram has them all the same.
    pub(crate) there: Vec<MediaId>,
}

impl MissingPosts {
    /// What a list that goes to the end says of posts that it lacks. An empty one comes here the second time only.
    pub(crate) fn on_complete(listing: &Listing, missing: &[&Stored], now: Time) -> Self {
        let at_once = missing.len() <= BELIEVED_AT_ONCE || listing.items.is_empty();
        let (gone, suspect) = missing
            .iter()
            .partition::<Vec<&Stored>, _>(|missed| at_once || missed.was_missed_before(now));
        let ids = |posts: Vec<&Stored>| posts.into_iter().map(|missed| missed.id).collect();
        Self {
            gone: ids(gone),
            suspect: ids(suspect),
            there: Vec::new(),
        }
    }

    /// Posts that were looked at.
    pub(crate) fn asked(&self) -> usize {
        self.gone.len() + self.suspect.len() + self.there.len()
    }
}

/// What became of the stored posts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    pub(crate) added: usize,
    pub(crate) changed: usize,
    pub(crate) hidden: usize,
}

/// A stored post, as far as a comparison needs it.
#[derive(FromQueryResult)]
pub(crate) struct Stored {
    pub(crate) id: MediaId,
    pub(crate) platform_media_id: String,
    digest: String,
    pub(crate) posted_at: Time,
    missed_at: Option<Time>,
    hidden_upstream_at: Option<Time>,
}

impl Stored {
    /// Whether it was missed already, long enough ago for the second time to mean something.
    pub(crate) fn was_missed_before(&self, now: Time) -> bool {
        self.missed_at
            .is_some_and(|missed| later(missed, BELIEVED_AFTER) <= now)
    }
}

impl Listing {
    /// When the first of its links dies.
    pub(crate) fn links_expire_at(&self) -> Option<Time> {
        self.items
            .iter()
            .flat_map(links)
            .filter_map(link_expires_at)
            .min()
    }

    /// Posts newer than this would be on the list if they still were on Instagram. It is the last
    /// post's time and not the earliest, because a pinned old post may stand before newer ones.
    fn reaches_back_to(&self) -> Option<Time> {
        self.items.last().and_then(|item| item.timestamp)
    }

    fn ids(&self) -> HashSet<&str> {
        self.items.iter().map(|item| item.id.as_str()).collect()
    }

    fn would_hold(&self, stored: &Stored) -> bool {
        self.complete || self.reaches_back_to().is_some_and(|end| stored.posted_at > end)
    }
}

fn links(item: &MediaItem) -> impl Iterator<Item = &str> {
    let own = [item.media_url.as_deref(), item.thumbnail_url.as_deref()];
    let children = item
        .children
        .iter()
        .flat_map(|child| [child.media_url.as_deref(), child.thumbnail_url.as_deref()]);
    own.into_iter().chain(children).flatten()
}

/// Stores what is new, changed or gone; with `all` also what is the same, because its links are. The days after which
/// a hidden post is forgotten begin at `hidden_at`.
pub(crate) async fn store(
    transaction: &Transaction,
    account: &account::Model,
    listing: &Listing,
    absent: &MissingPosts,
    all: bool,
    (now, hidden_at): (Time, Time),
) -> Result<Changes, DbErr> {
    let stored = stored(transaction, account).await?;
    let known: HashMap<&str, &Stored> = stored
        .iter()
        .map(|row| (row.platform_media_id.as_str(), row))
        .collect();
    let mut changes = Changes::default();
    let mut rows = Vec::new();
    for item in &listing.items {
        let digest = digest::of_item(item);
        let row = known.get(item.id.as_str());
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
    post_rows::upsert(transaction, account, rows, listing.unasked).await?;
    changes.hidden = absent.gone.len();
    mark(
        transaction,
        account,
        &absent.gone,
        media::Column::HiddenUpstreamAt,
        Some(hidden_at),
    )
    .await?;
    let first_missed: Vec<MediaId> = stored
        .iter()
        .filter(|row| row.missed_at.is_none() && absent.suspect.contains(&row.id))
        .map(|row| row.id)
        .collect();
    mark(
        transaction,
        account,
        &first_missed,
        media::Column::MissedAt,
        Some(now),
    )
    .await?;
    let there = reappeared(listing, &stored, absent);
    mark(transaction, account, &there, media::Column::MissedAt, None).await?;
    Ok(changes)
}

/// All stored posts of an account.
pub(crate) async fn stored(
    connection: &impl ConnectionTrait,
    account: &account::Model,
) -> Result<Vec<Stored>, DbErr> {
    media::Entity::of(account.tenant_id)
        .filter(media::Column::AccountId.eq(account.id))
        .select_only()
        .columns([
            media::Column::Id,
            media::Column::PlatformMediaId,
            media::Column::Digest,
            media::Column::PostedAt,
            media::Column::MissedAt,
            media::Column::HiddenUpstreamAt,
        ])
        .into_model::<Stored>()
        .all(connection)
        .await
}

/// Posts that were missed before and are there: a later miss is their first.
fn reappeared(listing: &Listing, stored: &[Stored], absent: &MissingPosts) -> Vec<MediaId> {
    let listed = listing.ids();
    let again = stored
        .iter()
        .filter(|row| row.missed_at.is_some() && listed.contains(row.platform_media_id.as_str()));
    again
        .map(|row| row.id)
        .chain(absent.there.iter().copied())
        .collect()
}

/// Stored posts that the list should hold and does not.
pub(crate) fn missing<'s>(listing: &Listing, stored: &'s [Stored]) -> Vec<&'s Stored> {
    let listed = listing.ids();
    stored
        .iter()
        .filter(|row| row.hidden_upstream_at.is_none() && !listed.contains(row.platform_media_id.as_str()))
        .filter(|row| listing.would_hold(row))
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

/// Whether links that die at `expire_at` would be dead before the sync after next.
pub(crate) fn links_need_renewal(expire_at: Option<Time>, every: Duration, now: Time) -> bool {
    expire_at.is_some_and(|end| end < later(now, every + every / 4))
}
