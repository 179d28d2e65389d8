//! Stored posts.

use crate::tables::{
    create, created_at, drop_all, id, reference_in_tenant, tenant_id, tenant_table, time, time_null, unique,
    updated_at,
};
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexes = [
            unique("media", &["tenant_id", "id"]),
            unique("media", &["account_id", "platform_media_id"]),
            newest_first(),
        ];
        create(manager, media(), indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["media"]).await
    }
}

fn media() -> TableCreateStatement {
    tenant_table("media")
        .col(id())
        .col(tenant_id())
        .col(uuid("account_id"))
        .col(text("platform_media_id"))
        .col(text("media_type"))
        .col(text_null("product_type"))
        .col(text_null("caption"))
        .col(text_null("media_url"))
        .col(text_null("thumbnail_url"))
        .col(text_null("permalink"))
        .col(time("posted_at"))
        .col(text_null("username"))
        .col(big_integer_null("like_count"))
        .col(big_integer_null("comments_count"))
        .col(boolean_null("is_shared_to_feed"))
        .col(text_null("alt_text"))
        .col(json_binary("children"))
        .col(text("digest"))
        .col(time_null("hidden_upstream_at"))
        .col(created_at())
        .col(updated_at())
        .foreign_key(&mut reference_in_tenant("media", "account_id", "account"))
        .take()
}

/// What a feed reads: an account's posts, the newest first.
fn newest_first() -> IndexCreateStatement {
    Index::create()
        .name("ix_media__newest_first")
        .table("media")
        .col("account_id")
        .col(("posted_at", IndexOrder::Desc))
        .col(("id", IndexOrder::Desc))
        .take()
}
