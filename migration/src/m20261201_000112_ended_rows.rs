//! By when keys and invitations ended, so that old ones are found without reading all of them.

use crate::tables::index;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const ENDS: [(&str, &str); 3] = [
    ("api_key", "revoked_at"),
    ("api_key", "expires_at"),
    ("invitation", "expires_at"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in ENDS {
            manager.create_index(index(table, &[column])).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in ENDS {
            let name = format!("ix_{table}__{column}");
            let drop = Index::drop().name(name).table(table).to_owned();
            manager.drop_index(drop).await?;
        }
        Ok(())
    }
}
