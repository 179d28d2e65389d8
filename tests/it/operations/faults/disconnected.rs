//! An account that is disconnected while its job runs.

use crate::support::{Engines, Installation, Owner, connected, on_both_pairs};
use serde_json::{Value, json};
use std::time::Duration;
use vitrine_simulator::{CallFilter, CallReport, Endpoint, FaultAction, FaultRule, NewPost};
use vitrine_test_support::wait_until;

on_both_pairs!(an_account_disconnected_while_its_job_runs_stays_gone);

const NAME: &str = "vitrine.demo";

fn listings(vitrine: &Installation) -> CallReport {
    vitrine.simulator.calls(&CallFilter {
        account: Some(NAME.to_owned()),
        endpoint: Some(Endpoint::MediaList),
        ..CallFilter::default()
    })
}

/// Asks for a sync and returns while Instagram thinks about its answer.
async fn syncs_slowly(vitrine: &Installation, owner: &Owner<'_>, account: &str) {
    vitrine.simulator.post_media(NAME, NewPost::default()).unwrap();
    let slow = FaultRule::always(FaultAction::Delay(Duration::from_secs(2)));
    vitrine
        .simulator
        .set_faults(vec![slow.at(Endpoint::MediaList).of_account(NAME)]);
    vitrine.simulator.clear_calls();
    let path = format!("/v1/accounts/{account}/sync");
    owner.post(&path, &json!({})).await.expect(202);
    let called = wait_until(Duration::from_secs(10), async || listings(vitrine).total == 1);
    called.await.unwrap();
}

async fn an_account_disconnected_while_its_job_runs_stays_gone(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (owner, account, feed, key) = connected(&vitrine).await;
    assert!(of(NAME, &owner.photos_that(&feed, &key, |_| true).await) > 0);
    let other = owner.connects("vitrine.creator").await;
    syncs_slowly(&vitrine, &owner, &account).await;

    let path = format!("/v1/accounts/{account}");
    assert_eq!(owner.delete(&path).await.status, 204);
    assert!(
        listings(&vitrine).by_status.is_empty(),
        "the job had ended before"
    );

    let begun = std::time::Instant::now();
    let ended = wait_until(Duration::from_secs(20), async || ended(&vitrine.log(), &account));
    assert!(ended.await.is_ok(), "the job did not end:\n{}", vitrine.log());
    tell(begun.elapsed());
    vitrine.simulator.set_faults(Vec::new());
    assert_eq!(owner.get(&path).await.status, 404);
    let photos = owner.photos_that(&feed, &key, |_| true).await;
    assert_eq!(of(NAME, &photos), 0, "{photos}");
    assert_eq!(listings(&vitrine).total, 1, "it was called again");

    assert_eq!(owner.syncs(&other).await["status"], "succeeded");
    let again = owner.connects(NAME).await;
    owner
        .account_that(&again, |account| !account["sync"]["last_at"].is_null())
        .await;
    owner.photos_that(&feed, &key, |feed| of(NAME, feed) > 0).await;
    let report = vitrine.simulator.calls(&CallFilter::default());
    assert!(
        report.most_at_once_by_account.values().all(|most| *most == 1),
        "{report:?}"
    );
}

/// Photos of one account.
fn of(username: &str, feed: &Value) -> usize {
    let photos = feed["data"].as_array().unwrap().iter();
    photos.filter(|photo| photo["username"] == username).count()
}

/// The run says so when it finds that there is nothing to write to.
fn ended(log: &str, account: &str) -> bool {
    log.lines()
        .any(|line| line.contains(account) && line.contains("nothing to do"))
}

#[expect(
    clippy::print_stdout,
    reason = "the time to recover is a result of these tests"
)]
fn tell(took: Duration) {
    println!(
        "account disconnected in its job: the job ended after {:.1} s",
        took.as_secs_f64()
    );
}
