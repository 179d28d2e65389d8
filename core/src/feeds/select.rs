//! Which posts a feed shows.

use super::Position;
use sea_orm::{ColumnTrait, Condition, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select};
use vitrine_entity::{AccountId, TenantOwned, feed, feed_item, media};

/// Posts behind a position, newest first.
pub(crate) fn newest(
    select: Select<media::Entity>,
    behind: Option<Position>,
    most: u64,
) -> Select<media::Entity> {
    let select = match behind {
        Some(position) => select.filter(is_behind(position)),
        None => select,
    };
    select
        .order_by_desc(media::Column::PostedAt)
        .order_by_desc(media::Column::Id)
        .limit(most)
}

fn is_behind(position: Position) -> Condition {
    Condition::any()
        .add(media::Column::PostedAt.lt(position.posted_at))
        .add(
            Condition::all()
                .add(media::Column::PostedAt.eq(position.posted_at))
                .add(media::Column::Id.lt(position.id)),
        )
}

/// The posts that a feed lets in: of its accounts and types, visible on Instagram, not hidden by
/// the owner, and with a picture to show.
pub(super) fn shown(
    feed: &feed::Model,
    accounts: Vec<AccountId>,
    media_type: Option<&str>,
) -> Select<media::Entity> {
    let hidden = feed_item::Entity::of(feed.tenant_id)
        .select_only()
        .column(feed_item::Column::MediaId)
        .filter(feed_item::Column::FeedId.eq(feed.id))
        .filter(feed_item::Column::Hidden.eq(true));
    let select = media::Entity::of(feed.tenant_id)
        .filter(media::Column::AccountId.is_in(accounts))
        .filter(media::Column::HiddenUpstreamAt.is_null())
        .filter(media::Column::MediaType.is_in(feed.media_types.0.clone()))
        .filter(has_a_picture())
        .filter(media::Column::Id.not_in_subquery(hidden.into_query()));
    match media_type {
        Some(media_type) => select.filter(media::Column::MediaType.eq(media_type)),
        None => select,
    }
}

/// Instagram keeps back the file of flagged material, sometimes for days.
fn has_a_picture() -> Condition {
    Condition::any()
        .add(media::Column::MediaUrl.is_not_null())
        .add(media::Column::ThumbnailUrl.is_not_null())
}

/// Which media types there are.
pub(super) fn is_media_type(text: &str) -> bool {
    matches!(text, "IMAGE" | "VIDEO" | "CAROUSEL_ALBUM")
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::DbBackend;
    use vitrine_entity::TenantId;

    #[test]
    fn a_page_goes_on_behind_its_last_post() {
        let position = Position {
            posted_at: chrono::DateTime::UNIX_EPOCH,
            id: vitrine_entity::MediaId::generate(),
            shown: 1,
        };

        let sql = newest(media::Entity::of(TenantId::generate()), Some(position), 5)
            .build(DbBackend::Postgres)
            .to_string();

        assert!(
            sql.contains(r#""posted_at" < "#) && sql.contains(r#""id" < "#),
            "{sql}"
        );
        assert!(sql.ends_with("LIMIT 5"), "{sql}");
    }
}
