//! Feeds whose content changed without a decision of their owner's.

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, ExprTrait, QueryFilter, sea_query::Expr};
use vitrine_base::database::{Database, Transaction};
use vitrine_entity::{FeedId, TenantOwned, Time, account, feed, feed_account};

/// Marks feeds that have come to show an account since `touched` were, and names all: a feed that got the account while
/// something was being written about it was not among those, and may have been read before that was there. To be called
/// when it is. Where the database fails, such a feed waits for its next change.
pub async fn mark_new_feeds_changed(
    database: &Database,
    account: &account::Model,
    touched: Vec<FeedId>,
    now: Time,
) -> Vec<FeedId> {
    match newcomers(database, account, &touched, now).await {
        Ok(feeds) => feeds,
        Err(error) => {
            tracing::warn!(error = %error, account.id = %account.id, "could not mark feeds that an account joined meanwhile as changed");
            touched
        }
    }
}

async fn newcomers(
    database: &Database,
    account: &account::Model,
    touched: &[FeedId],
    now: Time,
) -> Result<Vec<FeedId>, DbErr> {
    let showing = showing(database.connection(), account).await?;
    if showing.iter().all(|feed| touched.contains(feed)) {
        return Ok(touched.to_vec());
    }
    let transaction = database.begin_write().await?;
    let feeds = mark_feeds_changed(&transaction, account, now).await?;
    transaction.commit().await?;
    Ok(feeds)
}

/// Marks the feeds that show an account as changed, and names them.
pub async fn mark_feeds_changed(
    transaction: &Transaction,
    account: &account::Model,
    now: Time,
) -> Result<Vec<FeedId>, DbErr> {
    let feeds = showing(transaction, account).await?;
    feed::Entity::update_of(account.tenant_id)
        .col_expr(feed::Column::Version, Expr::col(feed::Column::Version).add(1))
        .col_expr(feed::Column::ContentChangedAt, Expr::value(now))
        .filter(feed::Column::Id.is_in(feeds.clone()))
        .exec(transaction)
        .await?;
    Ok(feeds)
}

async fn showing(connection: &impl ConnectionTrait, account: &account::Model) -> Result<Vec<FeedId>, DbErr> {
    let rows = feed_account::Entity::of(account.tenant_id)
        .filter(feed_account::Column::AccountId.eq(account.id))
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(|row| row.feed_id).collect())
}
