//! Accounts in the database as if each had been connected: with a sealed token, and a feed that shows it.

use super::simulated::SimulatedAccount;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ConnectionTrait, DatabaseConnection, EntityTrait, IntoActiveModel,
    TransactionTrait,
};
use std::time::Duration;
use vitrine_base::{clock::later, security::Vault};
use vitrine_entity::{
    AccountId, FeedId, StringList, TenantId, Time,
    account::{self, AccountStatus},
    account_token,
    feed::{self, FeedLayout, FeedOrder, WordFilter},
    feed_account, tenant,
};

/// Rows of one insert; Postgres takes 65,535 values, and an account has the most columns.
const ROWS_AT_ONCE: usize = 1_000;
const TOKEN_LIFE: Duration = Duration::from_hours(60 * 24);
const REFRESH_IN: Duration = Duration::from_hours(7 * 24);

/// The rows of one account.
struct Connected {
    account: account::ActiveModel,
    token: account_token::ActiveModel,
    feed: feed::ActiveModel,
    shown: feed_account::ActiveModel,
}

/// Connects all accounts, shared between so many tenants; each is due at once.
pub(super) async fn connect(
    database: &DatabaseConnection,
    vault: &Vault,
    accounts: &[SimulatedAccount],
    tenants: usize,
    now: Time,
) -> anyhow::Result<()> {
    let owners: Vec<TenantId> = (0..tenants.max(1)).map(|_| TenantId::generate()).collect();
    let transaction = database.begin().await?;
    insert(&transaction, owners.iter().map(|id| new_tenant(*id, now))).await?;
    for (part, some) in accounts.chunks(ROWS_AT_ONCE).enumerate() {
        let rows = some.iter().enumerate().map(|(number, simulated)| {
            let owner = owners[(part * ROWS_AT_ONCE + number) % owners.len()];
            connected(vault, owner, simulated, now)
        });
        let rows = rows.collect::<anyhow::Result<Vec<Connected>>>()?;
        insert(&transaction, rows.iter().map(|row| row.account.clone())).await?;
        insert(&transaction, rows.iter().map(|row| row.token.clone())).await?;
        insert(&transaction, rows.iter().map(|row| row.feed.clone())).await?;
        insert(&transaction, rows.iter().map(|row| row.shown.clone())).await?;
    }
    transaction.commit().await?;
    database.execute_unprepared("vacuum analyze").await?;
    Ok(())
}

/// Inserts rows, as many as one statement takes.
pub(crate) async fn insert<A>(
    database: &impl ConnectionTrait,
    rows: impl Iterator<Item = A>,
) -> anyhow::Result<()>
where
    A: ActiveModelTrait,
    <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
{
    A::Entity::insert_many(rows)
        .exec_without_returning(database)
        .await?;
    Ok(())
}

/// A tenant.
pub(crate) fn new_tenant(id: TenantId, now: Time) -> tenant::ActiveModel {
    tenant::ActiveModel {
        id: Set(id),
        name: Set("A site".to_owned()),
        allowed_origins: Set(StringList::default()),
        paused_at: Set(None),
        plan_name: Set(None),
        created_at: Set(now),
        updated_at: Set(now),
    }
}

fn connected(
    vault: &Vault,
    owner: TenantId,
    simulated: &SimulatedAccount,
    now: Time,
) -> anyhow::Result<Connected> {
    let (id, feed) = (AccountId::generate(), FeedId::generate());
    let sealed = vault.seal_token(id, &simulated.token)?;
    Ok(Connected {
        account: new_account(id, owner, simulated, now),
        token: account_token::ActiveModel {
            account_id: Set(id),
            tenant_id: Set(owner),
            ciphertext: Set(sealed.ciphertext),
            key_id: Set(sealed.key_id),
            issued_at: Set(now),
            expires_at: Set(later(now, TOKEN_LIFE)),
            expiry_assumed: Set(false),
            app_proved: Set(Some(true)),
            refreshed_at: Set(None),
            next_refresh_at: Set(Some(later(now, REFRESH_IN))),
            refresh_lease_id: Set(None),
            refresh_lease_until: Set(None),
            failures: Set(0),
            last_error: Set(None),
        },
        feed: new_feed(feed, owner, now),
        shown: feed_account::ActiveModel {
            feed_id: Set(feed),
            account_id: Set(id),
            tenant_id: Set(owner),
        },
    })
}

/// An account that is due at once.
pub(crate) fn new_account(
    id: AccountId,
    owner: TenantId,
    simulated: &SimulatedAccount,
    now: Time,
) -> account::ActiveModel {
    account::Model {
        id,
        tenant_id: owner,
        platform_user_id: simulated.user_id.clone(),
        app_scoped_id: None,
        exchange_user_id: None,
        username: Some(simulated.username.clone()),
        name: None,
        account_type: Some("BUSINESS".to_owned()),
        profile_picture_url: None,
        biography: None,
        website: None,
        media_count: None,
        followers_count: None,
        follows_count: None,
        status: AccountStatus::Active,
        status_reason: None,
        sync_every_seconds: None,
        next_sync_at: Some(now),
        synced_at: None,
        listed_at: None,
        sync_error: None,
        sync_failures: 0,
        sync_lease_id: None,
        sync_lease_until: None,
        media_digest: None,
        links_expire_at: None,
        blocked_until: None,
        calls_counted: None,
        calls_counted_at: None,
        created_at: now,
        updated_at: now,
    }
    .into_active_model()
    .reset_all()
}

/// A feed of pictures.
pub(crate) fn new_feed(id: FeedId, owner: TenantId, now: Time) -> feed::ActiveModel {
    feed::Model {
        id,
        tenant_id: owner,
        name: "photos".to_owned(),
        is_default: false,
        media_types: ["IMAGE"].into_iter().collect(),
        include_children: false,
        reels: feed::Reels::Include,
        hashtags: WordFilter::default(),
        caption: WordFilter::default(),
        item_limit: 100,
        page_size: None,
        item_order: FeedOrder::Newest,
        layout: FeedLayout::Grid,
        allowed_origins: StringList::default(),
        cache_seconds: 300,
        version: 1,
        content_changed_at: now,
        created_at: now,
        updated_at: now,
    }
    .into_active_model()
    .reset_all()
}
