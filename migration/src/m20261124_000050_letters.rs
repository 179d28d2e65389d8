//! Where a message stands on its way out of the outbox.

use crate::tables::time_null;
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in columns() {
            let add = Table::alter().table("outbox").add_column(column).take();
            manager.alter_table(add).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in columns() {
            let name = column.get_column_name();
            let drop = Table::alter()
                .table("outbox")
                .drop_column(Alias::new(name))
                .take();
            manager.alter_table(drop).await?;
        }
        Ok(())
    }
}

/// One statement each, because SQLite alters one column at a time.
fn columns() -> [ColumnDef; 4] {
    [
        uuid_null("lease_id"),
        time_null("handed_over_at"),
        time_null("gave_up_at"),
        text_null("trouble"),
    ]
}
