//! Forgetting sign-ins that have ended.

use super::sessions::KNOWN_FOR;
use crate::{clock::SharedClock, database::Database};
use sea_orm::{
    ColumnTrait, DbErr, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait, Query},
};
use vitrine_entity::session;

/// Forgets sign-ins that ended long ago.
#[derive(Clone)]
pub struct EndedSessions {
    database: Database,
    clock: SharedClock,
}

impl EndedSessions {
    /// The service over its parts.
    #[must_use]
    pub fn new(database: Database, clock: SharedClock) -> Self {
        Self { database, clock }
    }

    /// Deletes some of those that were last used 90 days ago; gives how many. They ended 60 days ago at the latest,
    /// since use is what prolongs them. Until then they are what a person's networks are known by.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn prune(&self, most: u64) -> Result<u64, DbErr> {
        let now = self.clock.now();
        let old = Query::select()
            .column(session::Column::Id)
            .from(session::Entity)
            .and_where(Expr::col(session::Column::LastUsedAt).lt(now - KNOWN_FOR))
            .and_where(Expr::col(session::Column::ExpiresAt).lt(now))
            .limit(most)
            .take();
        let deleted = session::Entity::delete_many()
            .filter(session::Column::Id.in_subquery(old))
            .exec(self.database.connection())
            .await?;
        Ok(deleted.rows_affected)
    }
}
