//! How many codes of a second factor were wrong in a row.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = integer("wrong_codes").default(0).take();
        let add = Table::alter().table("second_factor").add_column(column).take();
        manager.alter_table(add).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let remove = Table::alter()
            .table("second_factor")
            .drop_column("wrong_codes")
            .take();
        manager.alter_table(remove).await
    }
}
