//! What an operator does by hand, and what running processes make of it.

use crate::support::{Engines, Installation, Plan, connected, database, now_of, on_both_pairs};
use reqwest::Method;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use std::time::Duration;
use vitrine_entity::Time;
use vitrine_queue::{ClassName, GroupKey, JobId, NewJob, Queue, RedisOptions};
use vitrine_simulator::{CallFilter, FaultAction, FaultRule};
use vitrine_test_support::wait_until;

on_both_pairs!(
    a_paused_schedule_rests_and_says_so,
    a_paused_tenant_rests_and_the_others_do_not,
    an_unchanged_sync_of_the_schedule_leaves_no_row,
    a_dead_job_of_the_schedule_is_tried_again_once,
    workers_forget_what_ended_long_ago,
);

const PATIENCE: Duration = Duration::from_secs(20);

/// What it prints when it succeeds.
async fn printed(vitrine: &Installation, arguments: &[&str]) -> String {
    let ended = vitrine.admin(arguments).await;
    let (printed, said) = (String::from_utf8(ended.stdout), String::from_utf8(ended.stderr));
    assert!(ended.status.success(), "{arguments:?}: {said:?}");
    printed.unwrap()
}

async fn shown(vitrine: &Installation, arguments: &[&str]) -> Value {
    serde_json::from_str(&printed(vitrine, arguments).await).unwrap()
}

fn calls(vitrine: &Installation) -> u64 {
    vitrine.simulator.calls(&CallFilter::default()).total
}

async fn a_paused_schedule_rests_and_says_so(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (mut owner, account, ..) = connected(&vitrine).await;

    printed(&vitrine, &["schedule", "pause"]).await;
    let view = shown(&vitrine, &["schedule", "show", "--json"]).await;
    assert!(view["paused_since"].is_string(), "{view}");
    assert!(
        printed(&vitrine, &["schedule", "show"])
            .await
            .starts_with("schedule: paused since ")
    );
    let before = calls(&vitrine);
    vitrine.advance(Duration::from_hours(4)).await;
    owner.signs_in_again().await;
    for path in ["sync", "refresh-token"] {
        let click = owner
            .post(&format!("/v1/accounts/{account}/{path}"), &json!({}))
            .await;
        assert_eq!(click.problem(409), "schedule_paused");
    }
    assert_eq!(calls(&vitrine), before, "a paused schedule called Instagram");

    printed(&vitrine, &["schedule", "resume"]).await;
    let resumed = wait_until(PATIENCE, async || calls(&vitrine) > before).await;
    resumed.unwrap();
    assert_eq!(owner.syncs(&account).await["status"], "succeeded");
}

async fn a_paused_tenant_rests_and_the_others_do_not(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (mut resting, account, ..) = connected(&vitrine).await;
    let mut working = vitrine.owner("grace").await;
    let other = working.connects("vitrine.creator").await;
    working
        .account_that(&other, |account| !account["sync"]["last_at"].is_null())
        .await;
    let tenant = resting.get("/v1/tenant").await.expect(200)["id"].clone();
    let tenant = tenant.as_str().unwrap();

    printed(&vitrine, &["schedule", "pause", "--tenant", tenant]).await;
    let (before, others) = (
        resting.account(&account).await["sync"]["last_at"].clone(),
        working.account(&other).await["sync"]["last_at"].clone(),
    );
    vitrine.advance(Duration::from_hours(4)).await;
    resting.signs_in_again().await;
    working.signs_in_again().await;

    working
        .account_that(&other, |account| account["sync"]["last_at"] != others)
        .await;
    assert_eq!(resting.account(&account).await["sync"]["last_at"], before);
    let click = resting
        .post(&format!("/v1/accounts/{account}/sync"), &json!({}))
        .await;
    assert_eq!(click.problem(409), "schedule_paused");
    assert!(resting.get("/v1/tenant").await.expect(200)["schedule_paused_at"].is_string());
    let view = shown(&vitrine, &["schedule", "show", "--json"]).await;
    assert_eq!(view["paused_tenants"][0]["id"], tenant);

    printed(&vitrine, &["schedule", "resume", "--tenant", tenant]).await;
    resting
        .account_that(&account, |account| account["sync"]["last_at"] != before)
        .await;
    let nobody = "0198c5e2-7d3a-7000-8000-000000000000";
    let refused = vitrine.admin(&["schedule", "pause", "--tenant", nobody]).await;
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8(refused.stderr).unwrap().contains("no tenant"));
}

async fn an_unchanged_sync_of_the_schedule_leaves_no_row(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (mut owner, account, ..) = connected(&vitrine).await;
    let path = format!("/v1/jobs?account_id={account}&limit=100");
    let rows = owner.get(&path).await.expect(200)["data"].clone();

    for _ in 0..3 {
        let before = owner.account(&account).await["sync"]["last_at"].clone();
        vitrine.advance(Duration::from_hours(3)).await;
        owner.signs_in_again().await;
        owner
            .account_that(&account, |account| account["sync"]["last_at"] != before)
            .await;
    }

    assert_eq!(owner.get(&path).await.expect(200)["data"], rows);
}

async fn a_dead_job_of_the_schedule_is_tried_again_once(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (mut owner, account, ..) = connected(&vitrine).await;
    vitrine
        .simulator
        .set_faults(vec![FaultRule::always(FaultAction::BadGateway)]);
    vitrine.advance(Duration::from_hours(3)).await;
    owner.signs_in_again().await;
    let dead = format!("/v1/jobs?account_id={account}&status=dead&kind=sync_media");
    let found = wait_until(PATIENCE, async || {
        !owner.get(&dead).await.expect(200)["data"]
            .as_array()
            .unwrap()
            .is_empty()
    });
    found.await.unwrap();
    let id = owner.get(&dead).await.expect(200)["data"][0]["id"].clone();
    let job = format!("/v1/jobs/{}", id.as_str().unwrap());
    vitrine.simulator.set_faults(Vec::new());
    let retry = format!("{job}/retry");

    let nothing = json!({});
    let clicks = futures::future::join_all((0..6).map(|_| owner.post(&retry, &nothing))).await;

    assert!(clicks.iter().any(|click| click.status == 202), "{clicks:?}");
    for click in &clicks {
        assert!(
            click.status == 202 || click.problem(409) == "job_not_dead",
            "{click:?}"
        );
    }
    let ended = wait_until(PATIENCE, async || {
        owner.get(&job).await.expect(200)["status"] == "succeeded"
    });
    ended.await.unwrap();
    assert_eq!(owner.get(&dead).await.expect(200)["data"], json!([]));
    assert_eq!(owner.post(&retry, &nothing).await.problem(409), "job_not_dead");
}

fn queue(vitrine: &Installation) -> Queue {
    let setting = |wanted: &str| {
        let found = vitrine.settings.iter().find(|(name, _)| name == wanted);
        found.unwrap().1.clone()
    };
    let options = RedisOptions {
        prefix: setting("VITRINE_REDIS__PREFIX"),
        ..RedisOptions::new(setting("VITRINE_REDIS__URL"))
    };
    let (queue, health_check) = Queue::redis(&options).unwrap();
    tokio::spawn(health_check);
    queue
}

fn poison(id: &str) -> NewJob {
    NewJob {
        id: JobId::from(id),
        class: ClassName::from("sync"),
        group: GroupKey::from("somebody"),
        payload: br#"{"kind":"unheard_of","secret":"hunter2"}"#.to_vec().into(),
        delay: Duration::ZERO,
    }
}

#[tokio::test]
async fn dead_letters_are_listed_driven_again_and_removed() {
    let vitrine = Installation::start(Engines::Distributed).await;
    let queue = queue(&vitrine);
    queue.push(&[poison("one"), poison("two")]).await.unwrap();
    let list = ["queue", "dead", "sync", "--json"];
    let both_died = async || shown(&vitrine, &list).await.as_array().unwrap().len() == 2;
    wait_until(PATIENCE, both_died).await.unwrap();

    let text = printed(&vitrine, &["queue", "dead"]).await;
    assert!(text.contains("unreadable") && text.contains("one"), "{text}");
    assert!(!text.contains("hunter2") && !printed(&vitrine, &list).await.contains("hunter2"));
    assert_eq!(
        shown(&vitrine, &["queue", "dead", "--json", "--limit", "1"])
            .await
            .as_array()
            .unwrap()
            .len(),
        1
    );
    printed(&vitrine, &["queue", "pause", "sync"]).await;
    assert_eq!(
        printed(&vitrine, &["queue", "redrive", "sync", "one", "nobody"]).await,
        "dead letters to be retried: 1\n"
    );
    let counted = shown(&vitrine, &["queue", "show", "--json"]).await;
    let sync = counted
        .as_array()
        .unwrap()
        .iter()
        .find(|class| class["class"] == "sync")
        .unwrap()
        .clone();
    assert_eq!(
        (&sync["paused"], &sync["ready"], &sync["dead"]),
        (&json!(true), &json!(1), &json!(1))
    );
    printed(&vitrine, &["queue", "resume", "sync"]).await;
    wait_until(PATIENCE, both_died).await.unwrap();
    assert_eq!(
        printed(&vitrine, &["queue", "discard", "sync", "--all"]).await,
        "dead letters removed: 2\n"
    );
    assert_eq!(printed(&vitrine, &["queue", "dead"]).await, "no dead letters\n");
    assert!(printed(&vitrine, &["queue", "show"]).await.starts_with("CLASS"));
}

#[tokio::test]
async fn a_class_that_is_paused_in_the_queue_is_not_claimed() {
    let vitrine = Installation::start_as(Plan::on(Engines::Distributed)).await;
    let (mut owner, account, ..) = connected(&vitrine).await;
    printed(&vitrine, &["queue", "pause", "sync"]).await;
    let before = owner.account(&account).await["sync"]["last_at"].clone();

    vitrine.advance(Duration::from_hours(4)).await;
    let due = shown(&vitrine, &["schedule", "show", "--json"]).await;
    let queued = queue(&vitrine).depth(&ClassName::from("sync")).await.unwrap();

    let syncs = due["due"]
        .as_array()
        .unwrap()
        .iter()
        .find(|line| line["class"] == "sync");
    assert_eq!((&syncs.unwrap()["rows"], queued), (&json!(1), 0));
    printed(&vitrine, &["queue", "resume", "sync"]).await;
    owner.signs_in_again().await;
    owner
        .account_that(&account, |account| account["sync"]["last_at"] != before)
        .await;
}

#[tokio::test]
async fn mistakes_on_the_command_line_are_named() {
    let alone = Installation::start(Engines::Alone).await;
    let said = async |arguments: &[&str]| {
        let ended = alone.admin(arguments).await;
        (ended.status.code(), String::from_utf8(ended.stderr).unwrap())
    };

    let (code, words) = said(&["queue", "show"]).await;
    assert!(
        code == Some(2) && words.contains("redis.url is not set"),
        "{words}"
    );
    for wrong in [
        &["queue", "dead", "syncs"][..],
        &["queue", "redrive", "sync"],
        &["queue", "redrive", "sync", "one", "--all"],
        &["queue", "dead", "--limit", "0"],
        &["schedule", "pause", "--tenant", "ada"],
    ] {
        let (code, words) = said(wrong).await;
        assert_eq!(code, Some(2), "{wrong:?}: {words}");
    }
    let (_, words) = said(&["queue", "pause", "syncs"]).await;
    assert!(
        words.contains("there is no such class") && words.contains("refresh, interactive and sync"),
        "{words}"
    );
}

/// What is kept for a while, and when a row of it began.
const KEPT: [(&str, &str); 6] = [
    ("job", "queued_at"),
    ("audit_event", "created_at"),
    ("idempotency", "created_at"),
    ("connect_attempt", "created_at"),
    ("tenant_task", "created_at"),
    ("outbox", "created_at"),
];

/// What is still there of what began before that moment.
async fn kept_since_before(vitrine: &Installation, moment: Time) -> Vec<&'static str> {
    let database = database(vitrine).await;
    let mut kept = Vec::new();
    for (table, began) in KEPT {
        let sql = format!("select 1 from {table} where {began} < $1 limit 1");
        let backend = database.connection().get_database_backend();
        let old = Statement::from_sql_and_values(backend, sql, [moment.into()]);
        let found = database.connection().query_one_raw(old).await.unwrap();
        kept.extend(found.map(|_| table));
    }
    kept
}

async fn workers_forget_what_ended_long_ago(engines: Engines) {
    let mut vitrine = Installation::start(engines).await;
    {
        let (owner, account, ..) = connected(&vitrine).await;
        owner.syncs(&account).await;
        let named = owner.request(Method::POST, "/v1/feeds");
        let named = named.header("Idempotency-Key", "one").json(&json!({"name": "f"}));
        assert_eq!(named.send().await.unwrap().status(), 201);
        let asked = owner.post("/v1/tenant/exports", &json!({})).await.expect(202);
        let export = format!("/v1/tenant/exports/{}", asked["job"]["id"].as_str().unwrap());
        let written = wait_until(PATIENCE, async || {
            owner.get(&export).await.expect(200)["status"] == "succeeded"
        });
        written.await.unwrap();
    }
    let then = now_of(&vitrine);
    let all: Vec<&str> = KEPT.iter().map(|(table, _)| *table).collect();
    assert_eq!(kept_since_before(&vitrine, then).await, all);

    vitrine.advance(Duration::from_hours(400 * 24)).await;
    // Upkeep begins with a round.
    vitrine.restart().await;

    let forgotten = wait_until(PATIENCE, async || {
        kept_since_before(&vitrine, then).await.is_empty()
    })
    .await;
    assert!(forgotten.is_ok(), "{:?}", kept_since_before(&vitrine, then).await);
}
