//! What becomes of a demo: people change it, and operators go on to the real Instagram.

use std::path::Path;

use chrono::{SecondsFormat, TimeDelta};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tempfile::TempDir;
use vitrine_base::clock::{Clock, SystemClock};
use vitrine_base::database::{Database, DatabaseSettings, Pooler};
use vitrine_test_support::wait_until;

use super::demo::{Greeting, greeting, photos};
use super::real_start::told;
use super::running::{PATIENCE, Running, client, command, with_app};
use crate::identity::people::authenticator::code_at;

const EMAIL: &str = "demo@vitrine.example";
/// Nobody is there: the demo's tokens are no business of the real Instagram's.
const NOBODY: (&str, &str) = ("VITRINE_INSTAGRAM__GRAPH_URL", "http://127.0.0.1:9/");

fn demo_settings() -> Vec<(&'static str, String)> {
    let names = [
        "VITRINE_SERVER__LISTEN",
        "VITRINE_SERVER__METRICS_LISTEN",
        "VITRINE_SIMULATOR__LISTEN",
    ];
    names.map(|name| (name, "127.0.0.1:0".to_owned())).into()
}

/// Settings with an app, whose Instagram nobody can reach.
fn real_settings() -> Vec<(&'static str, String)> {
    let mut settings = with_app(None);
    settings.push((NOBODY.0, NOBODY.1.to_owned()));
    settings
}

async fn sign_in(base: &str, password: &str) -> (u16, Value) {
    let body = json!({"email": EMAIL, "password": password});
    let request = client().post(format!("{base}/v1/auth/login")).json(&body);
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

fn warns_of_a_demo(log: &Path) -> bool {
    let said = std::fs::read_to_string(log).unwrap();
    said.contains("vitrine admin remove-demo")
}

/// Runs the command that removes the demo; gives what it says.
fn remove(directory: &Path) -> String {
    let removed = command(directory, &["admin", "remove-demo"], &real_settings()).output();
    let removed = removed.unwrap();
    assert!(removed.status.success(), "{removed:?}");
    String::from_utf8(removed.stdout).unwrap()
}

/// Changes the database of a Vitrine that does not run.
async fn change(directory: &Path, sql: &str) {
    let settings = DatabaseSettings {
        url: format!("sqlite://{}", directory.join("data/vitrine.db").display()).into(),
        max_connections: 1,
        pooler: Pooler::None,
    };
    let database = Database::connect(&settings).await.unwrap();
    let changed = database.connection().execute_unprepared(sql).await.unwrap();
    assert_eq!(changed.rows_affected(), 1, "{sql}");
}

/// As after days in which it was off.
async fn was_off_for_days(directory: &Path) {
    let then = SystemClock.now() - TimeDelta::days(3);
    let then = then.to_rfc3339_opts(SecondsFormat::Micros, true);
    let sql = format!("update installation set value = '{then}' where name = 'safe_time'");
    change(directory, &sql).await;
}

/// A directory in which a demo was.
fn after_a_demo() -> (TempDir, Greeting) {
    let directory = tempfile::tempdir().unwrap();
    let mut demo = Running::start(directory.path(), &["up"], &demo_settings());
    let shown = greeting(demo.printed());
    assert!(demo.terminate().success());
    (directory, shown)
}

/// The demo starts once more with its photos, though its password opens it no longer.
async fn starts_again(directory: &Path) -> (Running, Greeting) {
    let mut demo = Running::start(directory, &["up"], &demo_settings());
    let shown = greeting(demo.printed());
    let feed = photos(&client(), &shown).await;
    assert_eq!(feed["profile"]["username"], "vitrine.demo");
    assert!(shown.password.contains("changed"), "{}", shown.password);
    (demo, shown)
}

#[tokio::test]
async fn a_changed_password_keeps_the_demo_from_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let mut first = Running::start(directory.path(), &["up"], &demo_settings());
    let Greeting { base, password, .. } = greeting(first.printed());
    let (_, signed_in) = sign_in(&base, &password).await;
    let change = json!({"current_password": password, "new_password": "an own and longer password"});
    let changed = client()
        .put(format!("{base}/v1/me/password"))
        .bearer_auth(signed_in["access_token"].as_str().unwrap())
        .json(&change)
        .send()
        .await
        .unwrap();
    assert!(changed.status().is_success(), "{}", changed.text().await.unwrap());
    assert!(first.terminate().success());

    let (second, again) = starts_again(directory.path()).await;

    assert_eq!(sign_in(&again.base, "an own and longer password").await.0, 200);
    assert!(second.terminate().success());
}

#[tokio::test]
async fn a_second_factor_keeps_the_demo_from_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let mut first = Running::start(directory.path(), &["up"], &demo_settings());
    let Greeting { base, password, .. } = greeting(first.printed());
    let (_, signed_in) = sign_in(&base, &password).await;
    let asked = async |path: &str, body: Value| -> Value {
        let request = client().post(format!("{base}/v1/me/second-factor{path}"));
        let token = signed_in["access_token"].as_str().unwrap();
        let answer = request.bearer_auth(token).json(&body).send().await.unwrap();
        answer.error_for_status().unwrap().json().await.unwrap()
    };
    let begun = asked("", json!({"current_password": password})).await;
    let code = code_at(begun["secret"].as_str().unwrap(), SystemClock.now());
    asked("/enable", json!({"code": code})).await;
    assert!(first.terminate().success());

    let (second, again) = starts_again(directory.path()).await;

    let (status, refused) = sign_in(&again.base, &password).await;
    assert_eq!(
        (status, &refused["code"]),
        (401, &json!("second_factor_required"))
    );
    assert!(second.terminate().success());
}

#[test]
fn a_demo_is_nobody_who_registered() {
    let (directory, _) = after_a_demo();

    let (printed, _) = told(directory.path(), &[NOBODY]);

    assert!(printed.contains("/v1/auth/register"), "{printed}");
}

#[tokio::test]
async fn a_demo_is_told_of_at_a_real_start_and_removed_by_one_command() {
    let (directory, shown) = after_a_demo();
    let (path, log) = (directory.path(), directory.path().join("log"));
    let mut real = Running::start_warning(path, &real_settings(), &log);
    let base = real.base();
    assert!(
        warns_of_a_demo(&log),
        "{}",
        std::fs::read_to_string(&log).unwrap()
    );
    assert_eq!(sign_in(&base, &shown.password).await.0, 200);
    assert!(real.terminate().success());

    was_off_for_days(path).await;
    assert!(remove(path).contains("being deleted"));
    assert!(!path.join("data/demo.json").exists());
    let mut later = Running::start_logging(path, "up", &real_settings(), "vitrine=info", &log);
    let base = later.base();
    let gone = async || {
        let feed = client().get(format!("{base}{}", shown.feed)).send().await;
        sign_in(&base, &shown.password).await.0 == 401 && feed.unwrap().status() == 401
    };
    wait_until(PATIENCE, gone).await.unwrap();

    let said = std::fs::read_to_string(&log).unwrap();
    assert_eq!(said.matches("was switched off for a while").count(), 1, "{said}");
    assert!(!said.contains("clock is ahead"), "{said}");
    assert!(remove(path).contains("no demo"));
    assert!(later.terminate().success());
}

#[tokio::test]
async fn a_demo_that_is_not_gone_yet_is_told_of() {
    let (directory, _) = after_a_demo();
    let (path, log) = (directory.path(), directory.path().join("log"));
    remove(path);
    // Another worker holds the deletion.
    let held =
        "update tenant_task set attempts = 1, run_at = '2999-01-01T00:00:00+00:00' where kind = 'deletion'";
    change(path, held).await;

    let mut real = Running::start_warning(path, &real_settings(), &log);
    real.base();

    let said = std::fs::read_to_string(&log).unwrap();
    assert!(said.contains("is being deleted, and is not gone yet"), "{said}");
    assert!(real.terminate().success());
}

#[tokio::test]
async fn a_demo_that_was_removed_is_made_anew() {
    let (directory, before) = after_a_demo();
    let path = directory.path();
    was_off_for_days(path).await;
    remove(path);

    let mut demo = Running::start(path, &["up"], &demo_settings());
    let shown = greeting(demo.printed());

    assert_ne!(shown.password, before.password);
    assert_eq!(sign_in(&shown.base, &shown.password).await.0, 200);
    let feed = photos(&client(), &shown).await;
    assert_eq!(feed["profile"]["username"], "vitrine.demo");
    let old = client().get(format!("{}{}", shown.base, before.feed));
    assert_eq!(old.send().await.unwrap().status(), 401);
    assert!(demo.terminate().success());
}
