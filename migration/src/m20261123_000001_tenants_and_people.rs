//! Tenants, the people in them and their sign-ins.

use crate::tables::{
    create, created_at, drop_all, id, index, one_of, reference, tenant_id, tenant_table, time, time_null,
    unique, updated_at,
};
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(manager, tenant(), []).await?;
        create(manager, user(), [unique("user", &["email"])]).await?;
        create(
            manager,
            membership(),
            [
                unique("membership", &["tenant_id", "user_id"]),
                index("membership", &["user_id"]),
            ],
        )
        .await?;
        create(
            manager,
            session(),
            [index("session", &["user_id"]), index("session", &["tenant_id"])],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["session", "membership", "user", "tenant"]).await
    }
}

fn tenant() -> TableCreateStatement {
    Table::create()
        .table("tenant")
        .col(id())
        .col(text("name"))
        .col(json_binary("allowed_origins"))
        .col(created_at())
        .col(updated_at())
        .take()
}

fn user() -> TableCreateStatement {
    Table::create()
        .table("user")
        .col(id())
        .col(text("email"))
        .col(text("password_hash"))
        .col(text("name"))
        .col(time_null("email_verified_at"))
        .col(created_at())
        .col(updated_at())
        .take()
}

fn membership() -> TableCreateStatement {
    tenant_table("membership")
        .col(id())
        .col(tenant_id())
        .col(uuid("user_id"))
        .col(text("role"))
        .col(created_at())
        .foreign_key(&mut reference("membership", "user_id", "user"))
        .check(one_of("membership", "role", &["viewer", "admin", "owner"]))
        .take()
}

fn session() -> TableCreateStatement {
    tenant_table("session")
        .col(id())
        .col(tenant_id())
        .col(uuid("user_id"))
        .col(integer("generation"))
        .col(text_null("user_agent"))
        .col(created_at())
        .col(time("last_used_at"))
        .col(time("expires_at"))
        .col(time_null("revoked_at"))
        .foreign_key(&mut reference("session", "user_id", "user"))
        .take()
}
