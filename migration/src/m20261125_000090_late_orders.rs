//! Which consents an order of the platform's means, and how many accounts it left alone.

use crate::tables::time;
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Orders from before meant whatever was consented to until they came.
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut meant_until = time("meant_until");
        meant_until.default("1970-01-01T00:00:00Z");
        for column in [meant_until, integer("accounts_kept").default(0).take()] {
            let add = Table::alter().table("data_deletion").add_column(column).take();
            manager.alter_table(add).await?;
        }
        let connection = manager.get_connection();
        let backfill = "update data_deletion set meant_until = received_at";
        connection.execute_unprepared(backfill).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["meant_until", "accounts_kept"] {
            let remove = Table::alter().table("data_deletion").drop_column(column).take();
            manager.alter_table(remove).await?;
        }
        Ok(())
    }
}
