//! Tenants whose schedule an operator stopped.

use crate::tables::{index_present, time_null};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let add = Table::alter()
            .table("tenant")
            .add_column(time_null("paused_at"))
            .take();
        manager.alter_table(add).await?;
        manager.create_index(index_present("tenant", "paused_at")).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index = Index::drop()
            .name("ix_tenant__paused_at")
            .table("tenant")
            .to_owned();
        manager.drop_index(index).await?;
        let remove = Table::alter().table("tenant").drop_column("paused_at").take();
        manager.alter_table(remove).await
    }
}
