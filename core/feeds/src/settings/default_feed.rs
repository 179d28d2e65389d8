//! The feed that a tenant gets without asking.

use crate::settings::feed_settings::new_feed;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, sea_query::OnConflict,
};
use vitrine_base::database::Transaction;
use vitrine_entity::{TenantOwned, Time, account, feed, feed_account};

/// What it is called until its owner names it.
pub(crate) const NAME: &str = "default";

/// Puts a tenant's first account into the feed `default`, which is made when there is none; later
/// accounts go where their owner puts them. Twice is once.
pub async fn join_default_feed(
    transaction: &Transaction,
    account: &account::Model,
    now: Time,
) -> Result<(), DbErr> {
    let known = feed::Entity::of(account.tenant_id)
        .filter(feed::Column::IsDefault.eq(true))
        .one(transaction)
        .await?;
    let feed = match known {
        Some(feed) => feed,
        None => default_feed(account, now).insert(transaction).await?,
    };
    let members = feed_account::Entity::of(account.tenant_id)
        .filter(feed_account::Column::FeedId.eq(feed.id))
        .count(transaction)
        .await?;
    if members > 0 {
        return Ok(());
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
        .await
        .map(drop)
}

fn default_feed(account: &account::Model, now: Time) -> feed::ActiveModel {
    let feed = feed::Model {
        is_default: true,
        ..new_feed(account.tenant_id, NAME, now)
    };
    feed.into_active_model().reset_all()
}
