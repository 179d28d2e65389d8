//! What is remembered of calls when Redis is lost: the units of each account's hour, and an incident of the app.
//! Posts that may be gone are marked before they are hidden.

use crate::tables::{create, drop_all, time, time_null};
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(manager, incident(), []).await?;
        for (table, column) in columns() {
            let add = Table::alter().table(table).add_column(column).take();
            manager.alter_table(add).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in columns() {
            let name = column.get_column_name();
            let drop = Table::alter().table(table).drop_column(Alias::new(name)).take();
            manager.alter_table(drop).await?;
        }
        drop_all(manager, &["incident"]).await
    }
}

/// One statement each, because SQLite alters one column at a time.
fn columns() -> [(&'static str, ColumnDef); 3] {
    [
        ("account", integer_null("calls_counted")),
        ("account", time_null("calls_counted_at")),
        ("media", time_null("missed_at")),
    ]
}

fn incident() -> TableCreateStatement {
    Table::create()
        .table("incident")
        .col(text("scope").primary_key())
        .col(text("reason"))
        .col(time("opened_at"))
        .col(time("closed_until"))
        .col(time_null("probe_until"))
        .col(integer("failed_probes"))
        .col(integer("reopened"))
        .take()
}
