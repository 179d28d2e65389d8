//! Plans: how much a tenant may have, and how often it may do what costs others something.

use crate::tables::{create, created_at, drop_all, index, key, tenant_id, tenant_table, updated_at};
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const LIMITS: [(&str, i32); 7] = [
    ("accounts", 1_000),
    ("feeds", 1_000),
    ("api_keys", 500),
    ("members", 500),
    ("syncs_per_day", 5_000),
    ("invitations_per_day", 200),
    ("connections_per_day", 500),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(manager, plan(), []).await?;
        manager.execute(default_plan()).await?;
        create(manager, daily_use(), []).await?;
        // Written by hand, because only so both engines take a column together with its reference.
        let add = "alter table tenant add column plan_name text references plan (name)";
        manager.get_connection().execute_unprepared(add).await?;
        manager.create_index(index("tenant", &["plan_name"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index = Index::drop()
            .name("ix_tenant__plan_name")
            .table("tenant")
            .to_owned();
        manager.drop_index(index).await?;
        let remove = Table::alter().table("tenant").drop_column("plan_name").take();
        manager.alter_table(remove).await?;
        drop_all(manager, &["daily_use", "plan"]).await
    }
}

fn plan() -> TableCreateStatement {
    let mut table = Table::create()
        .table("plan")
        .col(text("name").primary_key())
        .take();
    for (limit, _) in LIMITS {
        table.col(integer(limit));
    }
    table.col(created_at()).col(updated_at()).take()
}

/// What tenants have that were given no other plan.
fn default_plan() -> InsertStatement {
    let columns = LIMITS.iter().map(|(limit, _)| *limit);
    let most = LIMITS.iter().map(|(_, most)| Expr::value(*most));
    let now = [Expr::current_timestamp(), Expr::current_timestamp()];
    Query::insert()
        .into_table("plan")
        .columns(
            ["name"]
                .into_iter()
                .chain(columns)
                .chain(["created_at", "updated_at"]),
        )
        .values_panic([Expr::value("default")].into_iter().chain(most).chain(now))
        .take()
}

fn daily_use() -> TableCreateStatement {
    tenant_table("daily_use")
        .col(tenant_id())
        .col(date("day"))
        .col(text("what"))
        .col(integer("count"))
        .primary_key(&mut key(&["tenant_id", "day", "what"]))
        .take()
}
