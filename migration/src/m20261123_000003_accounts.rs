//! Instagram accounts, their tokens and the attempts to connect them.

use crate::tables::{
    create, created_at, drop_all, id, index, index_present, one_of, reference_in_tenant, reference_or_null,
    tenant_id, tenant_table, time, time_null, unique, updated_at,
};
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(manager, account(), account_indexes()).await?;
        create(manager, account_token(), account_token_indexes()).await?;
        create(manager, connect_attempt(), connect_attempt_indexes()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["connect_attempt", "account_token", "account"]).await
    }
}

fn account() -> TableCreateStatement {
    let statuses = &["active", "needs_reconnect", "needs_attention", "paused"];
    tenant_table("account")
        .col(id())
        .col(tenant_id())
        .col(text("platform_user_id"))
        .col(text_null("app_scoped_id"))
        .col(text_null("exchange_user_id"))
        .col(text_null("username"))
        .col(text_null("name"))
        .col(text_null("account_type"))
        .col(text_null("profile_picture_url"))
        .col(text_null("biography"))
        .col(text_null("website"))
        .col(big_integer_null("media_count"))
        .col(big_integer_null("followers_count"))
        .col(big_integer_null("follows_count"))
        .col(text("status"))
        .col(text_null("status_reason"))
        .col(big_integer_null("sync_every_seconds"))
        .col(time_null("next_sync_at"))
        .col(time_null("synced_at"))
        .col(time_null("listed_at"))
        .col(text_null("sync_error"))
        .col(integer("sync_failures"))
        .col(uuid_null("sync_lease_id"))
        .col(time_null("sync_lease_until"))
        .col(text_null("media_digest"))
        .col(time_null("links_expire_at"))
        .col(time_null("blocked_until"))
        .col(created_at())
        .col(updated_at())
        .check(one_of("account", "status", statuses))
        .take()
}

/// The platform's callbacks name an account by any of its three ids, and no tenant.
fn account_indexes() -> [IndexCreateStatement; 6] {
    [
        unique("account", &["tenant_id", "id"]),
        unique("account", &["tenant_id", "platform_user_id"]),
        index("account", &["platform_user_id"]),
        index_present("account", "app_scoped_id"),
        index_present("account", "exchange_user_id"),
        index_present("account", "next_sync_at"),
    ]
}

fn account_token() -> TableCreateStatement {
    tenant_table("account_token")
        .col(uuid("account_id").primary_key())
        .col(tenant_id())
        .col(blob("ciphertext"))
        .col(text("key_id"))
        .col(time("issued_at"))
        .col(time("expires_at"))
        .col(boolean("expiry_assumed"))
        .col(time_null("refreshed_at"))
        .col(time_null("next_refresh_at"))
        .col(uuid_null("refresh_lease_id"))
        .col(time_null("refresh_lease_until"))
        .col(integer("failures"))
        .col(text_null("last_error"))
        .foreign_key(&mut reference_in_tenant("account_token", "account_id", "account"))
        .take()
}

fn account_token_indexes() -> [IndexCreateStatement; 2] {
    [
        index("account_token", &["tenant_id", "account_id"]),
        index_present("account_token", "next_refresh_at"),
    ]
}

/// An attempt outlives the accounts that it names: its page is still asked for how it ended.
fn connect_attempt() -> TableCreateStatement {
    let table = "connect_attempt";
    tenant_table(table)
        .col(id())
        .col(tenant_id())
        .col(uuid_null("user_id"))
        .col(text("state_hash"))
        .col(text("redirect_uri"))
        .col(text_null("return_to"))
        .col(uuid_null("account_id"))
        .col(created_at())
        .col(time("expires_at"))
        .col(time_null("used_at"))
        .col(uuid_null("connected_account_id"))
        .col(text_null("error"))
        .foreign_key(&mut reference_or_null(table, "account_id", "account"))
        .foreign_key(&mut reference_or_null(table, "connected_account_id", "account"))
        .take()
}

fn connect_attempt_indexes() -> [IndexCreateStatement; 5] {
    [
        unique("connect_attempt", &["state_hash"]),
        index("connect_attempt", &["tenant_id"]),
        index("connect_attempt", &["expires_at"]),
        index_present("connect_attempt", "account_id"),
        index_present("connect_attempt", "connected_account_id"),
    ]
}
