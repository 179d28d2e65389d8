//! What the search for an incident of the app reads: accounts that were refused lately, and those that were read.

use crate::tables::{index, index_present};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let refused = index("account", &["updated_at"])
            .and_where(Expr::col("sync_error").is_not_null())
            .take();
        manager.create_index(refused).await?;
        manager.create_index(index_present("account", "synced_at")).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["ix_account__synced_at", "ix_account__updated_at"] {
            let drop = Index::drop().name(name).table("account").to_owned();
            manager.drop_index(drop).await?;
        }
        Ok(())
    }
}
