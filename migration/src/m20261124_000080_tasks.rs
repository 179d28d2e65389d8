//! Work on a whole tenant: its export and its deletion; the audit log by age; and which key sealed a
//! first answer.

use crate::tables::{
    create, created_at, drop_all, id, index, index_present, key, tenant_id, tenant_table, time_null,
};
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexes = [
            index("tenant_task", &["tenant_id", "id"]),
            index_present("tenant_task", "run_at"),
        ];
        create(manager, tenant_task(), indexes).await?;
        create(manager, export_part(), [index("export_part", &["tenant_id"])]).await?;
        manager.create_index(audit_age()).await?;
        let sealed = Table::alter()
            .table("idempotency")
            .add_column(text_null("key_id"))
            .take();
        manager.alter_table(sealed).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sealed = Table::alter().table("idempotency").drop_column("key_id").take();
        manager.alter_table(sealed).await?;
        let age = Index::drop()
            .name("ix_audit_event__created_at")
            .table("audit_event")
            .to_owned();
        manager.drop_index(age).await?;
        drop_all(manager, &["export_part", "tenant_task"]).await
    }
}

/// What a task is, and where it stands, are words that may grow: no check.
fn tenant_task() -> TableCreateStatement {
    tenant_table("tenant_task")
        .col(id())
        .col(tenant_id())
        .col(text("kind"))
        .col(text("status"))
        .col(integer("done"))
        .col(integer("total"))
        .col(integer("attempts"))
        .col(created_at())
        .col(time_null("run_at"))
        .col(uuid_null("lease_id"))
        .col(time_null("finished_at"))
        .col(time_null("expires_at"))
        .col(text_null("error"))
        .take()
}

/// One part of an export, in the order of `number`; sealed.
fn export_part() -> TableCreateStatement {
    let mut task = ForeignKey::create()
        .name("fk_export_part__task_id")
        .from("export_part", "task_id")
        .to("tenant_task", "id")
        .on_delete(ForeignKeyAction::Cascade)
        .take();
    tenant_table("export_part")
        .col(tenant_id())
        .col(uuid("task_id"))
        .col(integer("number"))
        .col(text("key_id"))
        .col(blob("body"))
        .primary_key(&mut key(&["task_id", "number"]))
        .foreign_key(&mut task)
        .take()
}

fn audit_age() -> IndexCreateStatement {
    index("audit_event", &["created_at"])
}
