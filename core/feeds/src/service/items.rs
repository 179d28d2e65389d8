//! The posts of a feed as its owner sees them, and what the owner decides about them.

use super::{
    item_evaluator::{FeedItem, ItemEvaluator},
    lock_feed,
};
use crate::{
    FeedError, Feeds, ItemChange, ItemModeration, Position,
    content::{
        feed_content::{ContentKey, FeedContent},
        reading::{accounts_of, read_content},
        select::newest,
    },
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, sea_query::OnConflict,
};
use vitrine_base::paging::{Page, PageRequest};
use vitrine_entity::{AccountId, FeedId, MediaId, TenantId, TenantOwned, feed, feed_item, media};

impl Feeds {
    /// The posts of a feed's accounts, newest first: those that it shows, and those that it does not
    /// with the reasons.
    ///
    /// # Errors
    /// [`FeedError::NotFound`], [`FeedError::BadCursor`].
    pub async fn items(
        &self,
        tenant: TenantId,
        id: FeedId,
        page: PageRequest,
    ) -> Result<Page<FeedItem>, FeedError> {
        let list = format!("feed-items:{id}");
        let behind = self.cursors.start(&list, &page)?;
        let moment = self.database.begin_read().await?;
        let content = read_content(&moment, &ContentKey::of(tenant, id)).await?;
        let posts = newest(posts_of(&content), behind, page.limit + 1)
            .all(&moment)
            .await?;
        let decided = decided(&moment, tenant, id, &posts).await?;
        moment.commit().await?;
        let evaluator = ItemEvaluator::new(&content, decided);
        let page = self.cursors.page(&list, &page, posts, Position::of);
        Ok(page.map(|post| evaluator.item(post)))
    }

    /// Changes what is decided about one post; what the change does not name stays. Changes at once follow each other,
    /// and of two posts at one place the one pinned there last comes first.
    ///
    /// # Errors
    /// [`FeedError::NotFound`] for a feed or post that the tenant does not have, or a post of an account
    /// that the feed does not show; [`FeedError::Invalid`].
    pub async fn moderate(
        &self,
        tenant: TenantId,
        id: FeedId,
        post: MediaId,
        change: ItemChange,
    ) -> Result<FeedItem, FeedError> {
        let transaction = self.database.begin_write().await?;
        let feed = lock_feed(&transaction, tenant, id).await?;
        let post = find_post(&transaction, &feed, post).await?;
        let before = decided(&transaction, tenant, id, std::slice::from_ref(&post)).await?;
        let row = self.row(&feed, &post, before.first(), change)?;
        feed_item::Entity::insert(row)
            .on_conflict(replace_moderation())
            .exec_without_returning(&transaction)
            .await?;
        self.save(&transaction, feed).await?;
        transaction.commit().await?;
        self.changes.publish(&[id]).await;
        self.item(tenant, id, post.id).await
    }

    /// Takes back what was decided about one post; twice is a success.
    ///
    /// # Errors
    /// [`FeedError::NotFound`] as for [`Feeds::moderate`].
    pub async fn clear_moderation(
        &self,
        tenant: TenantId,
        id: FeedId,
        post: MediaId,
    ) -> Result<(), FeedError> {
        let transaction = self.database.begin_write().await?;
        let feed = lock_feed(&transaction, tenant, id).await?;
        find_post(&transaction, &feed, post).await?;
        let deleted = feed_item::Entity::delete_of(tenant)
            .filter(feed_item::Column::FeedId.eq(id))
            .filter(feed_item::Column::MediaId.eq(post))
            .exec(&transaction)
            .await?;
        if deleted.rows_affected == 0 {
            return Ok(());
        }
        self.save(&transaction, feed).await?;
        transaction.commit().await?;
        self.changes.publish(&[id]).await;
        Ok(())
    }

    /// One post as its owner sees it.
    async fn item(&self, tenant: TenantId, id: FeedId, post: MediaId) -> Result<FeedItem, FeedError> {
        let moment = self.database.begin_read().await?;
        let content = read_content(&moment, &ContentKey::of(tenant, id)).await?;
        let post = find_post(&moment, &content.header.feed, post).await?;
        let decided = decided(&moment, tenant, id, std::slice::from_ref(&post)).await?;
        moment.commit().await?;
        Ok(ItemEvaluator::new(&content, decided).item(post))
    }

    /// The row of a post once a change is made.
    fn row(
        &self,
        feed: &feed::Model,
        post: &media::Model,
        before: Option<&feed_item::Model>,
        change: ItemChange,
    ) -> Result<feed_item::ActiveModel, FeedError> {
        // The time tells which of two pins came last, so a new description must not move one.
        let kept = before.filter(|_| !change.changes_pin());
        let updated_at = kept.map_or_else(|| self.clock.now(), |row| row.updated_at);
        let decision = change.apply(before.map(ItemModeration::from).unwrap_or_default());
        let decision = decision.map_err(FeedError::Invalid)?;
        let place = decision.pinned_position;
        Ok(feed_item::ActiveModel {
            feed_id: Set(feed.id),
            media_id: Set(post.id),
            tenant_id: Set(feed.tenant_id),
            hidden: Set(decision.hidden),
            pinned_position: Set(place.and_then(|place| i32::try_from(place).ok())),
            alt_text: Set(decision.alt_text),
            updated_at: Set(updated_at),
        })
    }
}

fn posts_of(content: &FeedContent) -> sea_orm::Select<media::Entity> {
    let accounts: Vec<AccountId> = content.header.accounts.iter().map(|account| account.id).collect();
    media::Entity::of(content.header.feed.tenant_id).filter(media::Column::AccountId.is_in(accounts))
}

async fn decided(
    connection: &impl ConnectionTrait,
    tenant: TenantId,
    feed: FeedId,
    posts: &[media::Model],
) -> Result<Vec<feed_item::Model>, DbErr> {
    feed_item::Entity::of(tenant)
        .filter(feed_item::Column::FeedId.eq(feed))
        .filter(feed_item::Column::MediaId.is_in(posts.iter().map(|post| post.id)))
        .all(connection)
        .await
}

/// A post of one of the feed's accounts.
async fn find_post(
    connection: &impl ConnectionTrait,
    feed: &feed::Model,
    post: MediaId,
) -> Result<media::Model, FeedError> {
    let accounts = accounts_of(connection, feed).await?;
    let post = media::Entity::of(feed.tenant_id)
        .filter(media::Column::Id.eq(post))
        .filter(media::Column::AccountId.is_in(accounts.iter().map(|account| account.id)))
        .one(connection)
        .await?;
    post.ok_or(FeedError::NotFound)
}

fn replace_moderation() -> OnConflict {
    use feed_item::Column;
    OnConflict::columns([Column::FeedId, Column::MediaId])
        .update_columns([
            Column::Hidden,
            Column::PinnedPosition,
            Column::AltText,
            Column::UpdatedAt,
        ])
        .to_owned()
}
