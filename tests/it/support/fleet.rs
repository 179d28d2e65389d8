//! Many accounts that are due, put straight into the database and into the local Instagram.

use super::{Installation, installation::MASTER_KEY};
use chrono::SubsecRound;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, sea_query::Expr};
use secrecy::ExposeSecret;
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};
use vitrine_base::{
    clock::SystemClock,
    database::{Database, DatabaseSettings},
    security::{KeyManager, MasterKey, MasterKeys, Vault},
};
use vitrine_entity::{AccountId, StringList, TenantId, TenantOwned, Time, account, account_token, tenant};
use vitrine_simulator::NewAccount;

/// Tokens are this old, so that they may be refreshed.
const TOKEN_AGE: chrono::TimeDelta = chrono::TimeDelta::days(8);
/// Rows in one statement; each account takes 29 of 65,535 places.
const ROWS: usize = 1_000;

/// Counted when the database does not answer: more than there can be.
const AWAY: u64 = u64::MAX / 4;

/// How many of everything.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    /// Tenants, which have the accounts in turn.
    pub(crate) tenants: usize,
    /// Accounts, each due for a sync.
    pub(crate) accounts: usize,
    /// Each so-manieth account's token is due for a refresh as well; none when 0.
    pub(crate) refresh_each: usize,
}

/// One account that was put in.
#[derive(Clone)]
pub(crate) struct Ship {
    pub(crate) id: AccountId,
    pub(crate) username: String,
}

/// All accounts that were put in.
pub(crate) struct Fleet {
    pub(crate) ships: Vec<Ship>,
    pub(crate) database: Database,
    refreshing: Vec<AccountId>,
    vault: Vault,
}

/// Seals as the processes of this database do.
pub(crate) async fn vault_of(database: &Database, master: &str) -> Vault {
    let masters = MasterKeys::only(MasterKey::from_base64(master).unwrap());
    let keeper = KeyManager::new(database.clone(), Arc::new(SystemClock), masters);
    Vault::new(&keeper.open().await.unwrap())
}

impl Fleet {
    /// Puts accounts in that are all due. Start workers afterwards.
    pub(crate) async fn due(vitrine: &Installation, size: Size) -> Self {
        Self::owned(vitrine, size, |number| number % size.tenants).await
    }

    /// The same, with one account for each tenant but the first, which has all others and comes first.
    pub(crate) async fn due_mostly_of_one(vitrine: &Installation, size: Size) -> Self {
        let of_first = size.accounts - (size.tenants - 1);
        Self::owned(vitrine, size, |number| number.saturating_sub(of_first - 1)).await
    }

    async fn owned(vitrine: &Installation, size: Size, owner: impl Fn(usize) -> usize) -> Self {
        let database = database(vitrine).await;
        let fleet = Self {
            ships: Vec::with_capacity(size.accounts),
            refreshing: Vec::new(),
            vault: vault_of(&database, MASTER_KEY).await,
            database,
        };
        fleet.filled(vitrine, size, owner).await
    }

    async fn filled(mut self, vitrine: &Installation, size: Size, owner: impl Fn(usize) -> usize) -> Self {
        let now = now_of(vitrine);
        let tenants: Vec<TenantId> = (0..size.tenants).map(|_| TenantId::generate()).collect();
        let rows = tenants.iter().map(|id| tenant_row(*id, now).into_active_model());
        tenant::Entity::insert_many(rows)
            .exec(self.database.connection())
            .await
            .unwrap();
        let (mut accounts, mut tokens) = (Vec::new(), Vec::new());
        vitrine.simulator.clock().advance(-TOKEN_AGE);
        for number in 0..size.accounts {
            let tenant = tenants[owner(number)];
            let refresh = size.refresh_each > 0 && number % size.refresh_each == 0;
            let (account, token) = self.ship(vitrine, number, tenant, now, refresh);
            if refresh {
                self.refreshing.push(account.id);
            }
            accounts.push(account.into_active_model());
            tokens.push(token.into_active_model());
        }
        vitrine.simulator.clock().advance(TOKEN_AGE);
        self.insert(accounts, tokens).await;
        self
    }

    fn ship(
        &mut self,
        vitrine: &Installation,
        number: usize,
        tenant: TenantId,
        now: Time,
        refresh: bool,
    ) -> (account::Model, account_token::Model) {
        let username = format!("shop.{number:05}");
        let there = NewAccount::named(&username).with_media(2);
        let there = vitrine.simulator.add_account(there).unwrap();
        let token = vitrine.simulator.mint_token(&username).unwrap();
        let id = AccountId::generate();
        let sealed = self.vault.seal_token(id, &token).unwrap();
        self.ships.push(Ship {
            id,
            username: username.clone(),
        });
        let account = account::Model {
            app_scoped_id: Some(there.id),
            username: Some(username),
            next_sync_at: Some(
                now - chrono::TimeDelta::seconds(30) + chrono::TimeDelta::milliseconds(number as i64),
            ),
            ..account_row(id, tenant, there.user_id, now)
        };
        let token = account_token::Model {
            ciphertext: sealed.ciphertext,
            key_id: sealed.key_id,
            next_refresh_at: Some(if refresh {
                now
            } else {
                now + chrono::TimeDelta::days(3)
            }),
            ..token_row(id, tenant, now)
        };
        (account, token)
    }

    async fn insert(&self, accounts: Vec<account::ActiveModel>, tokens: Vec<account_token::ActiveModel>) {
        let connection = self.database.connection();
        for rows in accounts.chunks(ROWS) {
            let rows = account::Entity::insert_many(rows.to_vec());
            rows.exec_without_returning(connection).await.unwrap();
        }
        for rows in tokens.chunks(ROWS) {
            let rows = account_token::Entity::insert_many(rows.to_vec());
            rows.exec_without_returning(connection).await.unwrap();
        }
    }

    /// Accounts that were never synced, and those due refreshes that were not done.
    pub(crate) async fn left(&self) -> u64 {
        self.unsynced().await + self.unrefreshed().await
    }

    /// Accounts whose turn has come and was not ended, claimed or not.
    pub(crate) async fn due_now(&self, vitrine: &Installation) -> u64 {
        let rows = account::Entity::across_tenants().filter(account::Column::NextSyncAt.lte(now_of(vitrine)));
        rows.count(self.database.connection()).await.unwrap_or(AWAY)
    }

    async fn unsynced(&self) -> u64 {
        let rows = account::Entity::across_tenants().filter(account::Column::SyncedAt.is_null());
        rows.count(self.database.connection()).await.unwrap_or(AWAY)
    }

    async fn unrefreshed(&self) -> u64 {
        let rows = account_token::Entity::across_tenants()
            .filter(account_token::Column::RefreshedAt.is_null())
            .filter(account_token::Column::AccountId.is_in(self.refreshing.iter().copied()));
        rows.count(self.database.connection()).await.unwrap_or(AWAY)
    }

    /// Makes these accounts due again, as if they had never been synced.
    pub(crate) async fn make_due(&self, vitrine: &Installation, ships: &[Ship]) {
        let now = now_of(vitrine);
        account::Entity::update_across_tenants()
            .col_expr(account::Column::SyncedAt, Expr::value(None::<Time>))
            .col_expr(account::Column::NextSyncAt, Expr::value(now))
            .filter(account::Column::Id.is_in(ships.iter().map(|ship| ship.id)))
            .exec(self.database.connection())
            .await
            .unwrap();
    }

    /// Forgets every sync before this moment, and leaves the schedule alone.
    pub(crate) async fn forget_syncs_before(&self, moment: Time) {
        account::Entity::update_across_tenants()
            .col_expr(account::Column::SyncedAt, Expr::value(None::<Time>))
            .filter(account::Column::SyncedAt.lt(moment))
            .exec(self.database.connection())
            .await
            .unwrap();
    }

    /// Panics unless every account's stored token opens and is accepted by Instagram as that account's.
    pub(crate) async fn no_token_is_lost(&self, vitrine: &Installation) {
        let usernames: HashMap<AccountId, &str> =
            self.ships.iter().map(|ship| (ship.id, &*ship.username)).collect();
        let rows = account_token::Entity::across_tenants()
            .all(self.database.connection())
            .await
            .unwrap();
        let mut whole = HashSet::new();
        for row in rows {
            let Some(username) = usernames.get(&row.account_id) else {
                continue;
            };
            let token = self
                .vault
                .open_token(row.account_id, &row.key_id, &row.ciphertext)
                .unwrap();
            let holder = vitrine.simulator.accepts(token.expose_secret());
            assert_eq!(holder.as_deref(), Some(*username), "a token was lost");
            whole.insert(row.account_id);
        }
        assert_eq!(whole.len(), self.ships.len(), "rows of tokens are missing");
    }
}

/// The time of the installation, at the precision of the database.
pub(crate) fn now_of(vitrine: &Installation) -> Time {
    vitrine.simulator.clock().now().trunc_subsecs(6)
}

pub(crate) async fn database(vitrine: &Installation) -> Database {
    let settings = DatabaseSettings {
        url: vitrine.database_url().into(),
        max_connections: 4,
        pooler: vitrine_base::database::Pooler::None,
    };
    Database::connect(&settings).await.unwrap()
}

impl Installation {
    fn database_url(&self) -> String {
        let file = || format!("sqlite://{}/vitrine.db", self.setting("VITRINE_SERVER__DATA_DIR"));
        let mut set = self.settings.iter().rev();
        set.find(|(name, _)| name == "VITRINE_DATABASE__URL")
            .map_or_else(file, |(_, url)| url.clone())
    }

    /// A setting as the processes see it.
    pub(crate) fn setting(&self, name: &str) -> String {
        let set = self.settings.iter().rev().find(|(known, _)| known == name);
        set.map(|(_, value)| value.clone()).unwrap()
    }
}

fn tenant_row(id: TenantId, now: Time) -> tenant::Model {
    tenant::Model {
        id,
        name: "a site".to_owned(),
        allowed_origins: StringList::default(),
        paused_at: None,
        plan_name: None,
        created_at: now,
        updated_at: now,
    }
}

fn account_row(id: AccountId, tenant_id: TenantId, platform_user_id: String, now: Time) -> account::Model {
    account::Model {
        id,
        tenant_id,
        platform_user_id,
        app_scoped_id: None,
        exchange_user_id: None,
        username: None,
        name: None,
        account_type: None,
        profile_picture_url: None,
        biography: None,
        website: None,
        media_count: None,
        followers_count: None,
        follows_count: None,
        status: account::AccountStatus::Active,
        status_reason: None,
        sync_every_seconds: None,
        next_sync_at: None,
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
}

fn token_row(account_id: AccountId, tenant_id: TenantId, now: Time) -> account_token::Model {
    account_token::Model {
        account_id,
        tenant_id,
        ciphertext: Vec::new(),
        key_id: String::new(),
        issued_at: now - TOKEN_AGE,
        expires_at: now + chrono::TimeDelta::days(52),
        expiry_assumed: false,
        app_proved: Some(true),
        refreshed_at: None,
        next_refresh_at: None,
        refresh_lease_id: None,
        refresh_lease_until: None,
        failures: 0,
        last_error: None,
    }
}
