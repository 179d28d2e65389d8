//! Which tokens are surely this app's: what Instagram says about the app is believed of those alone.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    /// Accounts that came by a code exchange have the id that came with it.
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = boolean_null("app_proved");
        let add = Table::alter().table("account_token").add_column(column).take();
        manager.alter_table(add).await?;
        let exchanged = "update account_token set app_proved = true where account_id in
            (select id from account where exchange_user_id is not null)";
        manager
            .get_connection()
            .execute_unprepared(exchanged)
            .await
            .map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let remove = Table::alter()
            .table("account_token")
            .drop_column("app_proved")
            .take();
        manager.alter_table(remove).await
    }
}
