//! Which tenants do not find out whether an incident is over, because it began with theirs.

use sea_orm_migration::{prelude::*, schema::json_binary_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let add = Table::alter()
            .table("incident")
            .add_column(json_binary_null("partial_tenants"))
            .take();
        manager.alter_table(add).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let remove = Table::alter()
            .table("incident")
            .drop_column("partial_tenants")
            .take();
        manager.alter_table(remove).await
    }
}
