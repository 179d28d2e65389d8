//! The master key is changed while everything runs.

use crate::support::{
    Answer, Engines, Installation, MASTER_KEY, Owner, Plan, connected, database, on_both_pairs, vault_of,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, sea_query::Expr,
};
use secrecy::ExposeSecret;
use serde_json::json;
use std::{
    process::{Output, Stdio},
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
    time::Duration,
};
use tokio::process::Child;
use vitrine_base::database::Database;
use vitrine_entity::{AccountId, TenantOwned, account, account_token};
use vitrine_test_support::wait_until;

on_both_pairs!(
    the_master_key_is_changed_under_traffic_and_interruption,
    a_wrong_key_changes_nothing,
    a_token_copied_to_another_account_does_not_open,
);

pub(crate) const NEW_KEY: &str = "Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA=";
const OTHER_KEY: &str = "8PHy8/T19vf4+fr7/P3+/+Dh4uPk5ebn6Onq6+zt7u8=";
/// Enough that sealing them again takes a while.
const MANY: usize = 6_000;

async fn the_master_key_is_changed_under_traffic_and_interruption(engines: Engines) {
    let mut vitrine = Installation::start_as(Plan::on(engines)).await;
    let (owner, account, feed, key) = connected(&vitrine).await;
    let (access_token, refresh_token) = (owner.access_token.clone(), owner.refresh_token.clone());
    let before = key_of(&vitrine, &account).await;
    many_tokens(&vitrine).await;
    let stored = database(&vitrine).await;

    let (rotated, failures) = (AtomicBool::new(false), AtomicU32::new(0));
    let traffic = async {
        while !rotated.load(Ordering::Relaxed) {
            let read = vitrine
                .program(Some(&key))
                .get(&format!("/v1/feeds/{feed}/photos"))
                .await;
            let managed = owner.get("/v1/accounts").await;
            let bad = u32::from(read.status != 200) + u32::from(managed.status != 200);
            failures.fetch_add(bad, Ordering::Relaxed);
        }
    };
    let rotation = async {
        let mut first = rotate(&vitrine, NEW_KEY, &[MASTER_KEY], &[]);
        let begun = wait_until(Duration::from_secs(60), async || {
            sealed_under(&stored, &before).await < total(&stored).await
        });
        begun.await.unwrap();
        first.kill().await.unwrap();
        let left = sealed_under(&stored, &before).await;
        assert!(left > 0, "it was over before it was killed");
        let second = ended(rotate(&vitrine, NEW_KEY, &[MASTER_KEY], &[])).await;
        assert!(second.status.success(), "{second:?}");
        rotated.store(true, Ordering::Relaxed);
    };
    tokio::join!(traffic, rotation);

    assert_eq!(failures.load(Ordering::Relaxed), 0, "{}", vitrine.log());
    assert_eq!(sealed_under(&stored, &before).await, 0);
    all_open(&vitrine, NEW_KEY).await;
    assert_eq!(owner.syncs(&account).await["status"], "succeeded");
    goes_on(&vitrine, &access_token, &refresh_token).await;

    set_keys(&mut vitrine, NEW_KEY, &[MASTER_KEY]);
    vitrine.crash().await;
    let forgotten = ended(rotate(&vitrine, NEW_KEY, &[MASTER_KEY], &["--forget-previous"])).await;
    assert!(forgotten.status.success(), "{forgotten:?}");
    set_keys(&mut vitrine, NEW_KEY, &[]);
    vitrine.crash().await;

    let owner = Owner::signs_in(&vitrine, "ada@example.com").await;
    assert_eq!(owner.syncs(&account).await["status"], "succeeded");
    owner
        .photos_that(&feed, &key, |feed| !feed["data"].as_array().unwrap().is_empty())
        .await;
    let refused = ended(rotate(&vitrine, MASTER_KEY, &[], &[])).await;
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(
        !refused.status.success() && said.contains("not the one that this database was set up with"),
        "{said}"
    );
}

async fn a_wrong_key_changes_nothing(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (owner, account, ..) = connected(&vitrine).await;
    let before = vitrine.database_text().await;

    for (new, previous, arguments) in [
        (OTHER_KEY, vec![], vec![]),
        (OTHER_KEY, vec![NEW_KEY], vec![]),
        (OTHER_KEY, vec![NEW_KEY], vec!["--forget-previous"]),
        (NEW_KEY, vec![MASTER_KEY], vec!["--forget-previous"]),
    ] {
        let refused = ended(rotate(&vitrine, new, &previous, &arguments)).await;
        let said = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(
            (
                refused.status.code(),
                said.lines().filter(|line| line.starts_with("vitrine:")).count()
            ),
            (Some(1), 1),
            "{said}"
        );
        assert!(
            ![MASTER_KEY, NEW_KEY, OTHER_KEY]
                .iter()
                .any(|key| said.contains(key)),
            "{said}"
        );
    }

    let keys = |dump: &str| {
        let lines = dump
            .lines()
            .filter(|line| line.starts_with("sealing_key") || line.starts_with("installation"));
        let mut lines: Vec<String> = lines.map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(keys(&vitrine.database_text().await), keys(&before));
    assert_eq!(owner.syncs(&account).await["status"], "succeeded");
}

async fn a_token_copied_to_another_account_does_not_open(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (owner, account, ..) = connected(&vitrine).await;
    vitrine
        .simulator
        .add_account(vitrine_simulator::NewAccount::named("another.shop"))
        .unwrap();
    let other = owner.connects("another.shop").await;
    owner
        .account_that(&other, |account| !account["sync"]["last_at"].is_null())
        .await;
    let (from, to) = (
        account.parse::<AccountId>().unwrap(),
        other.parse::<AccountId>().unwrap(),
    );
    let database = database(&vitrine).await;
    let stolen = account_token::Entity::across_tenants()
        .filter(account_token::Column::AccountId.eq(from))
        .one(database.connection())
        .await
        .unwrap()
        .unwrap();
    account_token::Entity::update_across_tenants()
        .col_expr(account_token::Column::Ciphertext, Expr::value(stolen.ciphertext))
        .col_expr(account_token::Column::KeyId, Expr::value(stolen.key_id))
        .filter(account_token::Column::AccountId.eq(to))
        .exec(database.connection())
        .await
        .unwrap();

    let job = owner.syncs(&other).await;

    assert_eq!(
        (&job["status"], &job["error"]),
        (&json!("failed"), &json!("sealed_token_damaged")),
        "{job}"
    );
    assert_eq!(owner.syncs(&account).await["status"], "succeeded");
}

fn set_keys(vitrine: &mut Installation, current: &str, previous: &[&str]) {
    vitrine.settings.extend(keys(current, previous));
}

fn keys(current: &str, previous: &[&str]) -> [(String, String); 2] {
    [
        ("VITRINE_SECURITY__MASTER_KEY".to_owned(), current.to_owned()),
        (
            "VITRINE_SECURITY__PREVIOUS_MASTER_KEYS".to_owned(),
            json!(previous).to_string(),
        ),
    ]
}

pub(crate) fn rotate(vitrine: &Installation, current: &str, previous: &[&str], arguments: &[&str]) -> Child {
    vitrine
        .admin_command(&[&["rotate-master-key"], arguments].concat())
        .envs(keys(current, previous))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

pub(crate) async fn ended(child: Child) -> Output {
    child.wait_with_output().await.unwrap()
}

async fn key_of(vitrine: &Installation, account: &str) -> String {
    let id = account.parse::<AccountId>().unwrap();
    let row = account_token::Entity::across_tenants()
        .filter(account_token::Column::AccountId.eq(id))
        .one(database(vitrine).await.connection())
        .await;
    row.unwrap().unwrap().key_id
}

async fn sealed_under(database: &Database, key: &str) -> u64 {
    let rows = account_token::Entity::across_tenants().filter(account_token::Column::KeyId.eq(key));
    rows.count(database.connection()).await.unwrap()
}

async fn total(database: &Database) -> u64 {
    account_token::Entity::across_tenants()
        .count(database.connection())
        .await
        .unwrap()
}

/// Accounts beside the one that is there, whose turn never comes.
async fn many_tokens(vitrine: &Installation) {
    let database = database(vitrine).await;
    let (connection, vault) = (database.connection(), vault_of(&database, MASTER_KEY).await);
    let account = account::Entity::across_tenants()
        .one(connection)
        .await
        .unwrap()
        .unwrap();
    let token = account_token::Entity::across_tenants()
        .filter(account_token::Column::AccountId.eq(account.id))
        .one(connection)
        .await
        .unwrap()
        .unwrap();
    for part in 0..MANY / 1_000 {
        let (mut accounts, mut tokens) = (Vec::new(), Vec::new());
        for number in 0..1_000 {
            let id = AccountId::generate();
            let name = format!("{part}-{number}");
            let sealed = vault.seal_token(id, &id.to_string()).unwrap();
            accounts.push(
                account::Model {
                    id,
                    platform_user_id: name,
                    app_scoped_id: None,
                    exchange_user_id: None,
                    next_sync_at: None,
                    ..account.clone()
                }
                .into_active_model()
                .reset_all(),
            );
            tokens.push(
                account_token::Model {
                    account_id: id,
                    ciphertext: sealed.ciphertext,
                    key_id: sealed.key_id,
                    next_refresh_at: None,
                    ..token.clone()
                }
                .into_active_model()
                .reset_all(),
            );
        }
        account::Entity::insert_many(accounts)
            .exec_without_returning(connection)
            .await
            .unwrap();
        account_token::Entity::insert_many(tokens)
            .exec_without_returning(connection)
            .await
            .unwrap();
    }
}

/// Every token opens with this master key, and is the account's own.
async fn all_open(vitrine: &Installation, master: &str) {
    let database = database(vitrine).await;
    let vault = vault_of(&database, master).await;
    let rows = account_token::Entity::across_tenants()
        .all(database.connection())
        .await
        .unwrap();
    assert!(rows.len() > MANY);
    for row in rows {
        let token = vault
            .open_token(row.account_id, &row.key_id, &row.ciphertext)
            .unwrap();
        let text = token.expose_secret();
        assert!(
            text == row.account_id.to_string() || text.starts_with("IGAA"),
            "another's token"
        );
    }
}

/// What was signed before the change is good after it.
async fn goes_on(vitrine: &Installation, access_token: &str, refresh_token: &str) {
    let me = vitrine
        .http
        .get(format!("{}/v1/me", vitrine.address))
        .bearer_auth(access_token);
    assert_eq!(me.send().await.unwrap().status(), 200);
    let refresh = vitrine.http.post(format!("{}/v1/auth/refresh", vitrine.address));
    let refresh = refresh
        .json(&json!({"refresh_token": refresh_token}))
        .send()
        .await
        .unwrap();
    Answer::of(refresh).await.expect(200);
}
