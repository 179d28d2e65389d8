//! Feeds whose content changed without a decision of their owner's.

use sea_orm::{ColumnTrait, DatabaseTransaction, DbErr, ExprTrait, QueryFilter, sea_query::Expr};
use vitrine_entity::{FeedId, TenantOwned, Time, account, feed, feed_account};

/// Marks the feeds that show an account as changed, and names them.
pub(crate) async fn touch_feeds(
    transaction: &DatabaseTransaction,
    account: &account::Model,
    now: Time,
) -> Result<Vec<FeedId>, DbErr> {
    let showing = feed_account::Entity::of(account.tenant_id)
        .filter(feed_account::Column::AccountId.eq(account.id))
        .all(transaction)
        .await?;
    let feeds: Vec<FeedId> = showing.into_iter().map(|row| row.feed_id).collect();
    feed::Entity::update_of(account.tenant_id)
        .col_expr(feed::Column::Version, Expr::col(feed::Column::Version).add(1))
        .col_expr(feed::Column::ContentChangedAt, Expr::value(now))
        .filter(feed::Column::Id.is_in(feeds.clone()))
        .exec(transaction)
        .await?;
    Ok(feeds)
}
