//! Invitations into a tenant.

use crate::tables::{
    create, created_at, drop_all, id, one_of, tenant_id, tenant_table, time, time_null, unique,
};
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let open = unique("invitation", &["tenant_id", "email"])
            .and_where(Expr::col("ended_at").is_null())
            .take();
        let indexes = [
            unique("invitation", &["token_hash"]),
            unique("invitation", &["tenant_id", "id"]),
            open,
        ];
        create(manager, invitation(), indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["invitation"]).await
    }
}

fn invitation() -> TableCreateStatement {
    tenant_table("invitation")
        .col(id())
        .col(tenant_id())
        .col(text("email"))
        .col(text("role"))
        .col(text("token_hash"))
        .col(uuid("invited_by"))
        .col(created_at())
        .col(time("expires_at"))
        .col(time_null("ended_at"))
        .col(uuid_null("accepted_by"))
        .check(one_of("invitation", "role", &["viewer", "admin", "owner"]))
        .take()
}
