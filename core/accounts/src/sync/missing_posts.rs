//! Stored posts that a list lacks: gone, or left out by mistake?

use crate::{
    RunError,
    sync::{
        account_reader::AccountReader,
        listing::Listing,
        stored_posts::{StoredPost, stored_posts},
    },
};
use sea_orm::ConnectionTrait;
use vitrine_entity::{MediaId, Time};

/// Posts that one sync asks for one by one; the others wait for the next.
const ASKED_AT_ONCE: usize = 5;
/// A complete list that lacks more stored posts than this is believed the second time: short lists have been seen of
/// accounts that had lost nothing.
const BELIEVED_AT_ONCE: usize = 3;

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
    /// Of a complete list a few missing posts are believed to be gone at once, and more the second time. Those that
    /// are missing on another list are asked for one by one: a list may lack what is there.
    pub(crate) async fn find(
        connection: &impl ConnectionTrait,
        reader: &AccountReader<'_>,
        listing: &Listing,
        now: Time,
    ) -> Result<Self, RunError> {
        let stored = stored_posts(connection, reader.account).await?;
        let missing = missing(listing, &stored);
        if listing.complete {
            return Ok(Self::on_complete(listing, &missing, now));
        }
        Self::asked_for(reader, &missing, now).await
    }

    /// What a list that goes to the end says of posts that it lacks. An empty one comes here the second time only.
    fn on_complete(listing: &Listing, missing: &[&StoredPost], now: Time) -> Self {
        let at_once = missing.len() <= BELIEVED_AT_ONCE || listing.items.is_empty();
        let (gone, suspect) = missing
            .iter()
            .partition::<Vec<&StoredPost>, _>(|missed| at_once || missed.was_missed_before(now));
        let ids = |posts: Vec<&StoredPost>| posts.into_iter().map(|missed| missed.id).collect();
        Self {
            gone: ids(gone),
            suspect: ids(suspect),
            there: Vec::new(),
        }
    }

    /// The first of the missing posts are asked for, and the others are suspect until the next sync asks for them.
    async fn asked_for(
        reader: &AccountReader<'_>,
        missing: &[&StoredPost],
        now: Time,
    ) -> Result<Self, RunError> {
        let (asked, others) = missing.split_at(missing.len().min(ASKED_AT_ONCE));
        let mut found = Self {
            suspect: others.iter().map(|missed| missed.id).collect(),
            ..Self::default()
        };
        for missed in asked {
            if reader.is_there(&missed.platform_media_id).await? {
                found.there.push(missed.id);
            } else if missed.was_missed_before(now) {
                found.gone.push(missed.id);
            } else {
                found.suspect.push(missed.id);
            }
        }
        Ok(found)
    }
}

/// Stored posts that the list should hold and does not.
fn missing<'s>(listing: &Listing, stored: &'s [StoredPost]) -> Vec<&'s StoredPost> {
    let listed = listing.ids();
    stored
        .iter()
        .filter(|row| row.hidden_upstream_at.is_none() && !listed.contains(row.platform_media_id.as_str()))
        .filter(|row| listing.would_hold(row))
        .collect()
}
