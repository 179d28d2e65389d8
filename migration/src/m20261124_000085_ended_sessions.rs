//! By when sign-ins were last used, so that old ones are found without reading all of them.

use crate::tables::index;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_index(index("session", &["last_used_at"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let name = "ix_session__last_used_at";
        let drop = Index::drop().name(name).table("session").to_owned();
        manager.drop_index(drop).await
    }
}
