//! The installation's own keys, wrapped under the master key.

use crate::tables::{create, created_at, drop_all, key, one_of, time, time_null, unique};
use sea_orm_migration::{prelude::*, schema::*};

/// What was sealed, signed and hashed until now was so under keys that the master key itself gave.
const NOTE: &str = "insert into installation (name, value) \
                    select 'keys_founded_on', value from installation where name = 'master_key_id'";
const FORGET: &str = "delete from installation where name = 'keys_founded_on'";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(manager, sealing_key(), [one_in_place()]).await?;
        create(manager, sealing_key_wrap(), []).await?;
        manager.get_connection().execute_unprepared(NOTE).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(FORGET).await?;
        drop_all(manager, &["sealing_key_wrap", "sealing_key"]).await
    }
}

fn sealing_key() -> TableCreateStatement {
    Table::create()
        .table("sealing_key")
        .col(text("id").primary_key())
        .col(text("key_use"))
        .col(created_at())
        .col(time("active_from"))
        .col(time_null("retired_at"))
        .check(one_of("sealing_key", "key_use", &["seal", "sign", "lasting"]))
        .take()
}

/// Of several processes that make the first keys at once, one succeeds.
fn one_in_place() -> IndexCreateStatement {
    unique("sealing_key", &["key_use"])
        .and_where(Expr::col("retired_at").is_null())
        .take()
}

fn sealing_key_wrap() -> TableCreateStatement {
    Table::create()
        .table("sealing_key_wrap")
        .col(text("key_id"))
        .col(text("master_key_id"))
        .col(blob("wrapped"))
        .primary_key(&mut key(&["key_id", "master_key_id"]))
        .foreign_key(
            ForeignKey::create()
                .name("fk_sealing_key_wrap__key_id")
                .from("sealing_key_wrap", "key_id")
                .to("sealing_key", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .take()
}
