//! Links in letters, second factors, and from where a session was opened.

use crate::tables::{create, created_at, drop_all, id, index, reference, time, time_null, unique};
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexes = [
            unique("mail_link", &["digest"]),
            index("mail_link", &["user_id", "purpose"]),
            index("mail_link", &["expires_at"]),
        ];
        create(manager, mail_link(), indexes).await?;
        create(manager, second_factor(), []).await?;
        let codes = [unique("recovery_code", &["user_id", "digest"])];
        create(manager, recovery_code(), codes).await?;
        let add = Table::alter()
            .table("session")
            .add_column(text_null("network"))
            .take();
        manager.alter_table(add).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let remove = Table::alter().table("session").drop_column("network").take();
        manager.alter_table(remove).await?;
        drop_all(manager, &["recovery_code", "second_factor", "mail_link"]).await
    }
}

fn mail_link() -> TableCreateStatement {
    Table::create()
        .table("mail_link")
        .col(id())
        .col(uuid("user_id"))
        .col(text("purpose"))
        .col(text("email"))
        .col(text("digest"))
        .col(created_at())
        .col(time("expires_at"))
        .col(time_null("used_at"))
        .col(text_null("used_from"))
        .foreign_key(&mut reference("mail_link", "user_id", "user"))
        .take()
}

fn second_factor() -> TableCreateStatement {
    Table::create()
        .table("second_factor")
        .col(uuid("user_id").primary_key().take())
        .col(blob("secret"))
        .col(text("key_id"))
        .col(created_at())
        .col(time_null("confirmed_at"))
        .col(big_integer("last_step"))
        .foreign_key(&mut reference("second_factor", "user_id", "user"))
        .take()
}

fn recovery_code() -> TableCreateStatement {
    Table::create()
        .table("recovery_code")
        .col(id())
        .col(uuid("user_id"))
        .col(text("digest"))
        .col(created_at())
        .col(time_null("used_at"))
        .foreign_key(&mut reference("recovery_code", "user_id", "user"))
        .take()
}
