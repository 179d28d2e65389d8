//! The stored posts of an account, as far as a comparison with a list needs them.

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, FromQueryResult, QueryFilter, QuerySelect};
use std::time::Duration;
use vitrine_base::clock::later;
use vitrine_entity::{MediaId, TenantOwned, Time, account, media};

/// That a post is gone is believed when Instagram says so twice, so far apart: the answer has been seen for
/// posts that were there.
const BELIEVED_AFTER: Duration = Duration::from_mins(10);

/// A stored post, as far as a comparison needs it.
#[derive(FromQueryResult)]
pub(crate) struct StoredPost {
    pub(crate) id: MediaId,
    pub(crate) platform_media_id: String,
    pub(crate) digest: String,
    pub(crate) posted_at: Time,
    pub(crate) missed_at: Option<Time>,
    pub(crate) hidden_upstream_at: Option<Time>,
}

impl StoredPost {
    /// Whether it was missed already, long enough ago for the second time to mean something.
    pub(crate) fn was_missed_before(&self, now: Time) -> bool {
        self.missed_at
            .is_some_and(|missed| later(missed, BELIEVED_AFTER) <= now)
    }
}

/// All stored posts of an account.
pub(crate) async fn stored_posts(
    connection: &impl ConnectionTrait,
    account: &account::Model,
) -> Result<Vec<StoredPost>, DbErr> {
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
        .into_model::<StoredPost>()
        .all(connection)
        .await
}
