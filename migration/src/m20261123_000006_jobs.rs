//! Jobs: work that is due, and what became of it.

use crate::tables::{
    create, drop_all, id, index, index_present, one_of, reference_in_tenant, tenant_id, tenant_table, time,
    time_null,
};
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexes = [
            index("job", &["tenant_id", "id"]),
            index("job", &["account_id", "id"]),
            index_present("job", "run_at"),
            index_present("job", "finished_at"),
            one_open(),
        ];
        create(manager, job(), indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["job"]).await
    }
}

fn job() -> TableCreateStatement {
    let statuses = &["queued", "running", "succeeded", "failed", "deferred", "dead"];
    tenant_table("job")
        .col(id())
        .col(tenant_id())
        .col(uuid("account_id"))
        .col(text("kind"))
        .col(text("status"))
        .col(integer("attempts"))
        .col(time("queued_at"))
        .col(time_null("run_at"))
        .col(time_null("started_at"))
        .col(time_null("finished_at"))
        .col(text_null("error"))
        .col(json_binary_null("result"))
        .foreign_key(&mut reference_in_tenant("job", "account_id", "account"))
        .check(one_of("job", "status", statuses))
        .take()
}

/// One open job of a kind an account: asking twice finds the first.
fn one_open() -> IndexCreateStatement {
    Index::create()
        .name("uq_job__open")
        .table("job")
        .col("account_id")
        .col("kind")
        .unique()
        .and_where(Expr::col("finished_at").is_null())
        .take()
}
