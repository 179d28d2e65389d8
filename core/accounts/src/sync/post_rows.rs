//! Posts as rows: what was asked for is written, what was not stays as it is stored.

use crate::sync::{digest, stored_posts::StoredPost};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, sea_query::OnConflict,
};
use std::collections::HashMap;
use vitrine_base::{database::Transaction, hashed_id::hashed_id};
use vitrine_entity::{
    MediaId, TenantOwned, Time, account,
    media::{self, Children, Column},
};
use vitrine_instagram::{Field, FieldSet, MediaItem};

/// Rows of one insert: 21 columns each, and SQLite takes 32,766 values.
const ROWS_AT_ONCE: usize = 1_000;

/// Columns that an answer is asked for by name.
const OPTIONAL: [(Field, Column); 9] = [
    (Field::MediaProductType, Column::ProductType),
    (Field::Caption, Column::Caption),
    (Field::ThumbnailUrl, Column::ThumbnailUrl),
    (Field::Username, Column::Username),
    (Field::LikeCount, Column::LikeCount),
    (Field::CommentsCount, Column::CommentsCount),
    (Field::IsSharedToFeed, Column::IsSharedToFeed),
    (Field::AltText, Column::AltText),
    (Field::Children, Column::Children),
];

/// The row of a post.
pub(crate) fn of(
    account: &account::Model,
    item: &MediaItem,
    digest: String,
    known: Option<&StoredPost>,
    now: Time,
) -> media::ActiveModel {
    let id = known.map_or_else(|| media_id(account, &item.id), |row| row.id);
    let known_since = known.map(|row| row.posted_at);
    media::ActiveModel {
        id: Set(id),
        tenant_id: Set(account.tenant_id),
        account_id: Set(account.id),
        platform_media_id: Set(item.id.clone()),
        media_type: Set(item.media_type.as_str().to_owned()),
        product_type: Set(item.product_type.clone()),
        caption: Set(item.caption.as_deref().map(storable)),
        media_url: Set(item.media_url.clone()),
        thumbnail_url: Set(item.thumbnail_url.clone()),
        permalink: Set(item.permalink.clone()),
        posted_at: Set(item.timestamp.or(known_since).unwrap_or(now)),
        username: Set(item.username.clone()),
        like_count: Set(item.like_count),
        comments_count: Set(item.comments_count),
        is_shared_to_feed: Set(item.is_shared_to_feed),
        alt_text: Set(item.alt_text.as_deref().map(storable)),
        children: Set(Children(item.children.iter().map(digest::child).collect())),
        digest: Set(digest),
        missed_at: Set(None),
        hidden_upstream_at: Set(None),
        created_at: Set(now),
        updated_at: Set(now),
    }
}

/// The id of a post that is new here. It follows from the platform's ids, so that readers of feeds know a post again
/// after its account was disconnected and connected again; posts that are stored keep the id that they have.
fn media_id(account: &account::Model, platform_media_id: &str) -> MediaId {
    let (owner, post) = (account.platform_user_id.as_bytes(), platform_media_id.as_bytes());
    MediaId(hashed_id(&[account.tenant_id.0.as_bytes(), owner, b"/", post]))
}

/// Postgres keeps no zero characters in texts.
fn storable(text: &str) -> String {
    text.replace('\0', "")
}

/// Writes rows over those of the same posts, but for what was not asked for.
pub(crate) async fn upsert(
    transaction: &Transaction,
    account: &account::Model,
    mut rows: Vec<media::ActiveModel>,
    unasked: FieldSet,
) -> Result<(), DbErr> {
    if unasked.contains(Field::ThumbnailUrl) && !unasked.contains(Field::Children) {
        keep_stills_of_parts(transaction, account, &mut rows).await?;
    }
    for some in rows.chunks(ROWS_AT_ONCE) {
        media::Entity::insert_many(some.iter().cloned())
            .on_conflict(replace_what_was_asked_for(unasked))
            .exec_without_returning(transaction)
            .await?;
    }
    Ok(())
}

fn replace_what_was_asked_for(unasked: FieldSet) -> OnConflict {
    let optional = OPTIONAL.iter().filter(|(field, _)| !unasked.contains(*field));
    let always = [
        Column::MediaType,
        Column::MediaUrl,
        Column::Permalink,
        Column::PostedAt,
        Column::Digest,
        Column::MissedAt,
        Column::HiddenUpstreamAt,
        Column::UpdatedAt,
    ];
    OnConflict::columns([Column::AccountId, Column::PlatformMediaId])
        .update_columns(always)
        .update_columns(optional.map(|(_, column)| *column))
        .to_owned()
}

/// The stills of an album's videos are in the same column as what was asked for, so they are carried over.
async fn keep_stills_of_parts(
    transaction: &Transaction,
    account: &account::Model,
    rows: &mut [media::ActiveModel],
) -> Result<(), DbErr> {
    let stored: Vec<Children> = media::Entity::of(account.tenant_id)
        .filter(Column::AccountId.eq(account.id))
        .select_only()
        .column(Column::Children)
        .into_tuple()
        .all(transaction)
        .await?;
    let stills: HashMap<String, Option<String>> = stored
        .into_iter()
        .flat_map(|children| children.0)
        .map(|child| (child.platform_media_id, child.thumbnail_url))
        .collect();
    for row in rows {
        let Set(children) = &mut row.children else {
            continue;
        };
        for child in &mut children.0 {
            child.thumbnail_url = stills.get(&child.platform_media_id).cloned().flatten();
        }
    }
    Ok(())
}
