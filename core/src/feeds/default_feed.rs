//! The feed that a tenant gets without asking.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, PaginatorTrait,
    QueryFilter, sea_query::OnConflict,
};
use vitrine_entity::{
    FeedId, StringList, TenantOwned, Time, account,
    feed::{self, FeedLayout, FeedOrder, Reels, WordFilter},
    feed_account,
};

/// Most posts that a feed shows unless its owner says otherwise.
const ITEMS: i32 = 100;
/// How long a browser may keep a feed, in seconds.
const CACHE_SECONDS: i32 = 300;

/// Puts a tenant's first account into the feed `default`, which is made when there is none; later
/// accounts go where their owner puts them. Gives the feed when it changed. Twice is once.
pub(crate) async fn join_default_feed(
    transaction: &DatabaseTransaction,
    account: &account::Model,
    now: Time,
) -> Result<Option<FeedId>, DbErr> {
    let known = feed::Entity::of(account.tenant_id)
        .filter(feed::Column::IsDefault.eq(true))
        .one(transaction)
        .await?;
    let feed = match known {
        Some(feed) => feed,
        None => new_default(account, now).insert(transaction).await?,
    };
    let members = feed_account::Entity::of(account.tenant_id)
        .filter(feed_account::Column::FeedId.eq(feed.id))
        .count(transaction)
        .await?;
    if members > 0 {
        return Ok(None);
    }
    let row = feed_account::ActiveModel {
        feed_id: Set(feed.id),
        account_id: Set(account.id),
        tenant_id: Set(account.tenant_id),
    };
    let keep = OnConflict::columns([feed_account::Column::FeedId, feed_account::Column::AccountId])
        .do_nothing()
        .to_owned();
    feed_account::Entity::insert(row)
        .on_conflict(keep)
        .exec_without_returning(transaction)
        .await?;
    Ok(Some(feed.id))
}

fn new_default(account: &account::Model, now: Time) -> feed::ActiveModel {
    feed::ActiveModel {
        id: Set(FeedId::generate()),
        tenant_id: Set(account.tenant_id),
        name: Set("default".to_owned()),
        is_default: Set(true),
        media_types: Set(["IMAGE"].into_iter().collect()),
        include_children: Set(false),
        reels: Set(Reels::Include),
        hashtags: Set(WordFilter::default()),
        caption: Set(WordFilter::default()),
        item_limit: Set(ITEMS),
        item_order: Set(FeedOrder::Newest),
        layout: Set(FeedLayout::Grid),
        allowed_origins: Set(StringList::default()),
        cache_seconds: Set(CACHE_SECONDS),
        version: Set(1),
        content_changed_at: Set(now),
        created_at: Set(now),
        updated_at: Set(now),
    }
}
