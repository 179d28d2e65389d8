//! What holds for the whole database, such as which master key it was set up with.

use crate::tables::{create, drop_all};
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(manager, installation(), []).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["installation"]).await
    }
}

fn installation() -> TableCreateStatement {
    Table::create()
        .table("installation")
        .col(text("name").primary_key())
        .col(text("value"))
        .take()
}
