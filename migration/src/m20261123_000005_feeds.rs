//! Feeds, the accounts in them and what their owners decided about single posts.

use crate::tables::{
    create, created_at, drop_all, id, index, key, one_of, reference_in_tenant, tenant_id, tenant_table, time,
    unique, updated_at,
};
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let feed_indexes = [unique("feed", &["tenant_id", "id"]), one_default()];
        create(manager, feed(), feed_indexes).await?;
        let by_account = index("feed_account", &["tenant_id", "account_id"]);
        create(manager, feed_account(), [by_account]).await?;
        let by_media = index("feed_item", &["tenant_id", "media_id"]);
        create(manager, feed_item(), [by_media]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["feed_item", "feed_account", "feed"]).await
    }
}

fn feed() -> TableCreateStatement {
    tenant_table("feed")
        .col(id())
        .col(tenant_id())
        .col(text("name"))
        .col(boolean("is_default"))
        .col(json_binary("media_types"))
        .col(boolean("include_children"))
        .col(json_binary("hashtags"))
        .col(json_binary("caption"))
        .col(integer("item_limit"))
        .col(text("item_order"))
        .col(text("layout"))
        .col(json_binary("allowed_origins"))
        .col(integer("cache_seconds"))
        .col(big_integer("version"))
        .col(time("content_changed_at"))
        .col(created_at())
        .col(updated_at())
        .check(one_of("feed", "item_order", &["newest", "pinned"]))
        .take()
}

/// One default feed a tenant.
fn one_default() -> IndexCreateStatement {
    Index::create()
        .name("uq_feed__default")
        .table("feed")
        .col("tenant_id")
        .unique()
        .and_where(Expr::col("is_default"))
        .take()
}

fn feed_account() -> TableCreateStatement {
    tenant_table("feed_account")
        .col(uuid("feed_id"))
        .col(uuid("account_id"))
        .col(tenant_id())
        .primary_key(&mut key(&["feed_id", "account_id"]))
        .foreign_key(&mut reference_in_tenant("feed_account", "feed_id", "feed"))
        .foreign_key(&mut reference_in_tenant("feed_account", "account_id", "account"))
        .take()
}

fn feed_item() -> TableCreateStatement {
    tenant_table("feed_item")
        .col(uuid("feed_id"))
        .col(uuid("media_id"))
        .col(tenant_id())
        .col(boolean("hidden"))
        .col(integer_null("pinned_position"))
        .col(text_null("alt_text"))
        .col(updated_at())
        .primary_key(&mut key(&["feed_id", "media_id"]))
        .foreign_key(&mut reference_in_tenant("feed_item", "feed_id", "feed"))
        .foreign_key(&mut reference_in_tenant("feed_item", "media_id", "media"))
        .take()
}
