//! What the platform told about people who took their permission back, or want their data deleted.

use crate::tables::{create, drop_all, id, index, one_of, time, time_null, unique};
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexes = [
            unique("data_deletion", &["confirmation_code"]),
            unique("data_deletion", &["request_digest"]),
            due(),
        ];
        create(manager, data_deletion(), indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["data_deletion"]).await
    }
}

/// Belongs to no tenant: the platform names a person, whose accounts may be connected by several.
fn data_deletion() -> TableCreateStatement {
    Table::create()
        .table("data_deletion")
        .col(id())
        .col(text("reason"))
        .col(text("confirmation_code"))
        .col(text("request_digest"))
        .col(text_null("platform_user_id"))
        .col(time("received_at"))
        .col(time("not_before"))
        .col(time_null("started_at"))
        .col(time_null("finished_at"))
        .col(time_null("lease_until"))
        .col(integer("accounts_deleted"))
        .col(big_integer("media_deleted"))
        .check(one_of("data_deletion", "reason", &["requested", "deauthorized"]))
        .take()
}

fn due() -> IndexCreateStatement {
    index("data_deletion", &["not_before"])
        .and_where(Expr::col("finished_at").is_null())
        .take()
}
