//! How many posts a page of a feed has where its visitor names no number.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// A limit that is not the one that every feed begins with was chosen by its owner, and pages follow it.
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = integer_null("page_size");
        let add = Table::alter().table("feed").add_column(column).take();
        manager.alter_table(add).await?;
        let backfill = "update feed set page_size = case when item_limit > 100 then 100 else item_limit end \
                        where item_limit <> 100";
        let connection = manager.get_connection();
        connection.execute_unprepared(backfill).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let remove = Table::alter().table("feed").drop_column("page_size").take();
        manager.alter_table(remove).await
    }
}
