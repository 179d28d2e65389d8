//! Keys that open the API.

use crate::tables::{
    create, created_at, drop_all, id, index, one_of, tenant_id, tenant_table, time_null, unique,
};
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexes = [
            unique("api_key", &["hash"]),
            index("api_key", &["tenant_id", "id"]),
        ];
        create(manager, api_key(), indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["api_key"]).await
    }
}

fn api_key() -> TableCreateStatement {
    tenant_table("api_key")
        .col(id())
        .col(tenant_id())
        .col(text("name"))
        .col(text("kind"))
        .col(text("prefix"))
        .col(text("hash"))
        .col(json_binary("scopes"))
        .col(json_binary("allowed_origins"))
        .col(uuid_null("created_by"))
        .col(created_at())
        .col(time_null("expires_at"))
        .col(time_null("last_used_at"))
        .col(time_null("revoked_at"))
        .check(one_of("api_key", "kind", &["secret", "publishable"]))
        .take()
}
