//! Sites in the database: each a tenant with an account, its posts, a feed that shows them, and a key to read it.

use super::posts::Author;
use crate::worker::{
    fill::{insert, new_account, new_feed, new_tenant},
    simulated::SimulatedAccount,
};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DatabaseConnection, DatabaseTransaction, TransactionTrait};
use vitrine_base::security::MasterKey;
use vitrine_entity::{
    AccountId, ApiKeyId, FeedId, StringList, TenantId, Time, account,
    api_key::{self, KeyKind},
    feed, feed_account,
};
use vitrine_feeds::keys::KeyText;

/// Sites of one transaction.
const SITES_AT_ONCE: u64 = 100;
/// Posts of one insert; Postgres takes 65,535 values, and a post has 22.
const POSTS_AT_ONCE: usize = 2_500;
/// The purpose for which the product derives the key of its keys' hashes. With another one, no key would open
/// anything.
const PEPPER: &str = "vitrine 2026 api keys";
/// What the server in `bench/peers/photos-node` looks keys up in: a hash that Node has at hand.
const PEER_KEYS: &str =
    "create table if not exists bench_peer_key (hash text primary key, tenant_id uuid not null)";

/// One site.
pub(crate) struct Site {
    tenant: TenantId,
    account: AccountId,
    feed: FeedId,
    key: KeyText,
    username: String,
    number: u64,
}

impl Site {
    fn new(number: u64) -> Self {
        Self {
            tenant: TenantId::generate(),
            account: AccountId::generate(),
            feed: FeedId::generate(),
            key: KeyText::generate(KeyKind::Publishable),
            username: format!("account.{number}"),
            number,
        }
    }

    /// What a visitor's browser asks for.
    pub(crate) fn path(&self) -> String {
        format!("/v1/feeds/{}/photos?key={}", self.feed, self.key.expose())
    }
}

/// Makes so many sites with so many posts each.
pub(crate) async fn sites(
    database: &DatabaseConnection,
    master: &MasterKey,
    count: u64,
    posts: u64,
    now: Time,
) -> anyhow::Result<Vec<Site>> {
    database.execute_unprepared(PEER_KEYS).await?;
    let sites: Vec<Site> = (0..count).map(Site::new).collect();
    let pepper = master.derive(PEPPER);
    for some in sites.chunks(usize::try_from(SITES_AT_ONCE)?) {
        let transaction = database.begin().await?;
        write(&transaction, some, &pepper, posts, now).await?;
        transaction.commit().await?;
    }
    database.execute_unprepared("vacuum analyze").await?;
    database.execute_unprepared("checkpoint").await?;
    Ok(sites)
}

async fn write(
    transaction: &DatabaseTransaction,
    sites: &[Site],
    pepper: &[u8; 32],
    posts: u64,
    now: Time,
) -> anyhow::Result<()> {
    insert(transaction, sites.iter().map(|site| new_tenant(site.tenant, now))).await?;
    insert(transaction, sites.iter().map(|site| account_of(site, now))).await?;
    insert(transaction, sites.iter().map(|site| feed_of(site, now))).await?;
    insert(transaction, sites.iter().map(shown_by)).await?;
    insert(transaction, sites.iter().map(|site| key_of(site, pepper, now))).await?;
    let rows = sites.iter().flat_map(|site| {
        let author = Author {
            tenant: site.tenant,
            account: site.account,
            username: &site.username,
            number: site.number,
        };
        (0..posts).map(|post| author.post(post, now)).collect::<Vec<_>>()
    });
    let rows: Vec<_> = rows.collect();
    for some in rows.chunks(POSTS_AT_ONCE) {
        insert(transaction, some.iter().cloned()).await?;
    }
    write_peer_keys(transaction, sites).await
}

fn account_of(site: &Site, now: Time) -> account::ActiveModel {
    let simulated = SimulatedAccount {
        user_id: (17_841_400_000_000_000 + site.number).to_string(),
        username: site.username.clone(),
        token: String::new(),
    };
    account::ActiveModel {
        name: Set(Some("Walks and mornings".to_owned())),
        media_count: Set(Some(1_204)),
        followers_count: Set(Some(48_310)),
        ..new_account(site.account, site.tenant, &simulated, now)
    }
}

fn feed_of(site: &Site, now: Time) -> feed::ActiveModel {
    feed::ActiveModel {
        media_types: Set(["IMAGE", "VIDEO", "CAROUSEL_ALBUM"].into_iter().collect()),
        ..new_feed(site.feed, site.tenant, now)
    }
}

fn shown_by(site: &Site) -> feed_account::ActiveModel {
    feed_account::ActiveModel {
        feed_id: Set(site.feed),
        account_id: Set(site.account),
        tenant_id: Set(site.tenant),
    }
}

fn key_of(site: &Site, pepper: &[u8; 32], now: Time) -> api_key::ActiveModel {
    api_key::ActiveModel {
        id: Set(ApiKeyId::generate()),
        tenant_id: Set(site.tenant),
        name: Set("site".to_owned()),
        kind: Set(KeyKind::Publishable),
        prefix: Set(site.key.expose().chars().take(10).collect()),
        hash: Set(site.key.hash(pepper).to_hex().to_string()),
        scopes: Set(["feeds:read"].into_iter().collect()),
        allowed_origins: Set(StringList::default()),
        created_by: Set(None),
        created_at: Set(now),
        expires_at: Set(None),
        last_used_at: Set(None),
        revoked_at: Set(None),
        rotated_at: Set(None),
        replaced_by: Set(None),
    }
}

/// Keys are letters, digits and `_`, ids have dashes: nothing here needs escaping.
async fn write_peer_keys(transaction: &DatabaseTransaction, sites: &[Site]) -> anyhow::Result<()> {
    let rows = sites
        .iter()
        .map(|site| format!("('{}', '{}')", site.key.expose(), site.tenant));
    let rows: Vec<String> = rows.collect();
    let sql = format!(
        "insert into bench_peer_key
         select encode(sha256(key::bytea), 'hex'), tenant::uuid from (values {}) site (key, tenant)",
        rows.join(", ")
    );
    transaction.execute_unprepared(&sql).await?;
    Ok(())
}
