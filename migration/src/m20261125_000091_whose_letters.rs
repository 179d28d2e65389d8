//! Which person a message is about, where it is about no tenant.

use crate::tables::index_present;
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Without a reference to the person: SQLite could not take the column back then.
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = uuid_null("user_id");
        let add = Table::alter().table("outbox").add_column(column).take();
        manager.alter_table(add).await?;
        manager.create_index(index_present("outbox", "user_id")).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index = Index::drop().name("ix_outbox__user_id").to_owned();
        manager.drop_index(index).await?;
        let remove = Table::alter().table("outbox").drop_column("user_id").take();
        manager.alter_table(remove).await
    }
}
