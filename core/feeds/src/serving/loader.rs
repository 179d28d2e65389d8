//! Reads what feeds show and whether they are still as they were, for the memories of it.

use crate::{
    FeedError,
    content::{
        feed_content::{ContentKey, FeedContent},
        reading::read_content,
    },
};
use sea_orm::{ColumnTrait, DbErr, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};
use std::{collections::HashMap, time::Duration};
use vitrine_base::{
    cache::Urgency,
    database::{Database, PriorityBatcher, padded, within},
};
use vitrine_entity::{FeedId, TenantId, TenantOwned, Time, feed};

/// A content that took so long to read is not waited for any more.
const LONGEST_LOAD: Duration = Duration::from_secs(10);

/// Reads contents.
pub(crate) struct Loader {
    database: Database,
    versions: PriorityBatcher<FeedId, Option<FeedVersion>>,
}

impl Loader {
    pub(crate) fn new(database: Database) -> Self {
        let shared = database.clone();
        let versions = PriorityBatcher::new(move |feeds| versions_of(shared.clone(), feeds));
        Self { database, versions }
    }

    /// Whether the feed is still as it was read. Those who look at the same time share one statement, so
    /// that it costs little to look at ten thousand feeds again and again.
    pub(crate) async fn is_same(
        &self,
        key: &ContentKey,
        read: &feed::Model,
        urgency: Urgency,
    ) -> Result<bool, FeedError> {
        let stamp = self.versions.submit(key.feed, urgency).await;
        let stamp = stamp.map_err(|failed| FeedError::Unavailable(failed.into_cause()))?;
        let stamp = stamp.filter(|stamp| stamp.tenant_id == key.tenant);
        Ok(stamp.ok_or(FeedError::NotFound)? == FeedVersion::of(read))
    }

    /// Whether two reads of a feed found the same.
    pub(crate) fn is_same_state(one: &feed::Model, other: &feed::Model) -> bool {
        FeedVersion::of(one) == FeedVersion::of(other)
    }

    /// The oldest default feed of a tenant, or its oldest feed.
    pub(crate) async fn main_feed(&self, tenant: TenantId) -> Result<FeedId, FeedError> {
        #[derive(FromQueryResult)]
        struct Row {
            id: FeedId,
        }
        let row = feed::Entity::of(tenant)
            .select_only()
            .column(feed::Column::Id)
            .order_by_desc(feed::Column::IsDefault)
            .order_by_asc(feed::Column::Id)
            .into_model::<Row>()
            .one(self.database.connection())
            .await?;
        row.map(|row| row.id).ok_or(FeedError::NotFound)
    }

    /// What a feed shows. A database that hangs is given up after a while: everybody waits for one load.
    pub(crate) async fn load(&self, key: &ContentKey) -> Result<FeedContent, FeedError> {
        metrics::counter!("vitrine_feed_loads_total").increment(1);
        within(LONGEST_LOAD, self.load_unbounded(key)).await
    }

    async fn load_unbounded(&self, key: &ContentKey) -> Result<FeedContent, FeedError> {
        let moment = self.database.begin_read().await?;
        let content = read_content(&moment, key).await?;
        moment.commit().await?;
        Ok(content)
    }
}

/// What is another whenever a feed is another: every change of its content or its settings is a new version, and
/// the times differ where a database was put back to an older state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
struct FeedVersion {
    id: FeedId,
    tenant_id: TenantId,
    version: i64,
    content_changed_at: Time,
    updated_at: Time,
}

impl FeedVersion {
    fn of(feed: &feed::Model) -> Self {
        Self {
            id: feed.id,
            tenant_id: feed.tenant_id,
            version: feed.version,
            content_changed_at: feed.content_changed_at,
            updated_at: feed.updated_at,
        }
    }
}

/// Stamps of feeds by their ids, in the order of the ids. Whoever asked compares the tenant: a group is of many.
async fn versions_of(database: Database, feeds: Vec<FeedId>) -> Result<Vec<Option<FeedVersion>>, DbErr> {
    use feed::Column;
    let versions = feed::Entity::across_tenants()
        .select_only()
        .columns([
            Column::Id,
            Column::TenantId,
            Column::Version,
            Column::ContentChangedAt,
            Column::UpdatedAt,
        ])
        .filter(Column::Id.is_in(padded(feeds.clone())))
        .into_model::<FeedVersion>()
        .all(database.connection())
        .await?;
    let versions: HashMap<FeedId, FeedVersion> =
        versions.into_iter().map(|stamp| (stamp.id, stamp)).collect();
    Ok(feeds.iter().map(|id| versions.get(id).copied()).collect())
}
