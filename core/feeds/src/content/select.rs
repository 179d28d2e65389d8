//! Posts in the order in which they are read.

use crate::Position;
use sea_orm::{ColumnTrait, Condition, QueryFilter, QueryOrder, QuerySelect, Select};
use vitrine_entity::media;

/// Posts behind a position, newest first.
pub fn newest(select: Select<media::Entity>, behind: Option<Position>, most: u64) -> Select<media::Entity> {
    let select = match behind {
        Some(position) => select.filter(is_behind(position)),
        None => select,
    };
    select
        .order_by_desc(media::Column::PostedAt)
        .order_by_desc(media::Column::Id)
        .limit(most)
}

/// Posts that stand at a position or behind it.
pub(crate) fn not_before(position: Position) -> Condition {
    is_behind(position).add(media::Column::Id.eq(position.id))
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

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::{DbBackend, QueryTrait};
    use vitrine_entity::{TenantId, TenantOwned};

    #[test]
    fn a_page_goes_on_behind_its_last_post() {
        let position = Position {
            posted_at: chrono::DateTime::UNIX_EPOCH,
            id: vitrine_entity::MediaId::generate(),
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
