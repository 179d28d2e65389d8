//! Exports, and changes by one person or key, that a plan allows in a day.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const LIMITS: [(&str, i32); 2] = [("exports_per_day", 20), ("changes_per_day", 5_000)];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite adds one column at a time.
        for (limit, most) in LIMITS {
            let column = integer(limit).default(most).take();
            let add = Table::alter().table("plan").add_column(column).take();
            manager.alter_table(add).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (limit, _) in LIMITS {
            let remove = Table::alter().table("plan").drop_column(limit).take();
            manager.alter_table(remove).await?;
        }
        Ok(())
    }
}
