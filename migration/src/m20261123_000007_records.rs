//! Usage, the audit log, first answers to repeated requests, and messages to send.

use crate::tables::{
    create, created_at, drop_all, id, index, index_present, key, one_of, tenant_id, tenant_table, time,
    time_null,
};
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(manager, usage_day(), []).await?;
        let by_tenant = index("audit_event", &["tenant_id", "id"]);
        create(manager, audit_event(), [by_tenant]).await?;
        let forgettable = index("idempotency", &["expires_at"]);
        create(manager, idempotency(), [forgettable]).await?;
        let indexes = [
            index_present("outbox", "tenant_id"),
            index_present("outbox", "next_attempt_at"),
        ];
        create(manager, outbox(), indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["outbox", "idempotency", "audit_event", "usage_day"]).await
    }
}

fn usage_day() -> TableCreateStatement {
    tenant_table("usage_day")
        .col(tenant_id())
        .col(date("day"))
        .col(big_integer("feed_requests"))
        .col(big_integer("syncs"))
        .col(big_integer("graph_calls"))
        .col(big_integer("stored_bytes"))
        .primary_key(&mut key(&["tenant_id", "day"]))
        .take()
}

fn audit_event() -> TableCreateStatement {
    tenant_table("audit_event")
        .col(id())
        .col(tenant_id())
        .col(text("actor_kind"))
        .col(uuid_null("actor_id"))
        .col(text("action"))
        .col(uuid_null("target_id"))
        .col(json_binary_null("detail"))
        .col(created_at())
        .check(one_of(
            "audit_event",
            "actor_kind",
            &["user", "api_key", "system"],
        ))
        .take()
}

fn idempotency() -> TableCreateStatement {
    tenant_table("idempotency")
        .col(tenant_id())
        .col(text("key"))
        .col(text("request_digest"))
        .col(integer_null("status"))
        .col(blob_null("body"))
        .col(created_at())
        .col(time("expires_at"))
        .primary_key(&mut key(&["tenant_id", "key"]))
        .take()
}

/// A message may be older than its tenant: the confirmation of an address is.
fn outbox() -> TableCreateStatement {
    tenant_table("outbox")
        .col(id())
        .col(uuid_null("tenant_id"))
        .col(text("kind"))
        .col(json_binary("payload"))
        .col(created_at())
        .col(time_null("next_attempt_at"))
        .col(integer("attempts"))
        .col(time_null("sent_at"))
        .take()
}
