//! Keys that another key has taken the place of.

use crate::tables::time_null;
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite adds one column at a time.
        for column in [time_null("rotated_at"), uuid_null("replaced_by")] {
            let add = Table::alter().table("api_key").add_column(column).take();
            manager.alter_table(add).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["replaced_by", "rotated_at"] {
            let remove = Table::alter().table("api_key").drop_column(column).take();
            manager.alter_table(remove).await?;
        }
        Ok(())
    }
}
