//! What happens on Instagram shows in the feed by the next sync, and nothing else is written.

use crate::support::{Engines, Installation, Plan, connected, on_both_pairs};
use serde_json::{Value, json};
use std::time::Duration;
use vitrine_simulator::{
    CallFilter, Endpoint, FaultAction, FaultRule, LinkLifetimes, MediaEdit, NewPost, SimulatorSettings,
};

on_both_pairs!(
    new_edited_and_deleted_posts_reach_the_feed,
    an_unchanged_account_causes_no_writes,
    links_are_renewed_before_they_die,
    a_weekly_listing_renews_the_links_that_it_dates,
    the_schedule_syncs_every_three_hours,
    asking_twice_is_asking_once,
    a_paused_account_rests,
    a_new_cadence_counts_at_once,
    a_pause_is_kept_by_a_sync_that_was_running,
    a_spent_budget_puts_off_and_never_overspends,
    trouble_at_instagram_is_waited_out,
);

fn captions(feed: &Value) -> Vec<String> {
    let photos = feed["data"].as_array().unwrap();
    photos
        .iter()
        .filter_map(|photo| photo["caption"].as_str().map(str::to_owned))
        .collect()
}

fn post(caption: &str) -> NewPost {
    NewPost {
        caption: Some(caption.to_owned()),
        ..NewPost::default()
    }
}

async fn new_edited_and_deleted_posts_reach_the_feed(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (owner, account, feed, key) = connected(&vitrine).await;

    let new = vitrine
        .simulator
        .post_media("vitrine.demo", post("brand new #Vitrine"))
        .unwrap();
    let job = owner.syncs(&account).await;
    assert_eq!(job["result"]["added"], 1, "{job}");
    let photos = owner
        .photos_that(&feed, &key, |feed| captions(feed)[0] == "brand new #Vitrine")
        .await;
    assert_eq!(photos["data"][0]["hashtags"], json!(["Vitrine"]));

    let edit = MediaEdit {
        caption: Some("edited".into()),
        ..MediaEdit::default()
    };
    vitrine
        .simulator
        .edit_media("vitrine.demo", &new.id, &edit)
        .unwrap();
    assert_eq!(owner.syncs(&account).await["result"]["changed"], 1);
    owner
        .photos_that(&feed, &key, |feed| captions(feed)[0] == "edited")
        .await;

    vitrine.simulator.delete_media("vitrine.demo", &new.id).unwrap();
    assert_eq!(owner.syncs(&account).await["result"]["hidden"], 1);
    owner
        .photos_that(&feed, &key, |feed| !captions(feed).contains(&"edited".to_owned()))
        .await;
}

async fn an_unchanged_account_causes_no_writes(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (owner, account, feed, key) = connected(&vitrine).await;
    let path = format!("/v1/accounts/{account}/media?limit=100");
    let before = owner.get(&path).await.expect(200);
    let feed_before = owner.photos_that(&feed, &key, |_| true).await;

    for _ in 0..3 {
        let job = owner.syncs(&account).await;
        assert_eq!(
            (&job["result"]["added"], &job["result"]["changed"]),
            (&json!(0), &json!(0)),
            "{job}"
        );
    }

    assert_eq!(
        owner.get(&path).await.expect(200),
        before,
        "rows were written, their links differ on every read"
    );
    assert_eq!(owner.photos_that(&feed, &key, |_| true).await, feed_before);
}

async fn links_are_renewed_before_they_die(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (mut owner, account, feed, key) = connected(&vitrine).await;
    let before = owner.photos_that(&feed, &key, |_| true).await;

    vitrine.advance(Duration::from_hours(4 * 24)).await;
    owner.signs_in_again().await;
    owner
        .account_that(&account, |account| account["sync"]["last_error"].is_null())
        .await;
    let first = |feed: &Value| feed["data"][0]["image"]["src"].clone();
    let after = owner
        .photos_that(&feed, &key, |feed| first(feed) != first(&before))
        .await;

    let picture = vitrine
        .http
        .get(first(&after).as_str().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(picture.status(), 200);
}

async fn a_weekly_listing_renews_the_links_that_it_dates(engines: Engines) {
    let month = Duration::from_hours(30 * 24);
    let links = LinkLifetimes {
        image: month,
        video: month,
    };
    let simulator = SimulatorSettings {
        links,
        ..SimulatorSettings::default()
    };
    let vitrine = Installation::start_as(Plan {
        simulator,
        ..Plan::on(engines)
    })
    .await;
    let (mut owner, _, feed, key) = connected(&vitrine).await;
    let before = owner.photos_that(&feed, &key, |_| true).await;

    vitrine.advance(Duration::from_hours(8 * 24)).await;
    owner.signs_in_again().await;

    let first = |feed: &Value| feed["data"][0]["image"]["src"].clone();
    owner
        .photos_that(&feed, &key, |feed| first(feed) != first(&before))
        .await;
}

async fn the_schedule_syncs_every_three_hours(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (mut owner, account, feed, key) = connected(&vitrine).await;
    vitrine
        .simulator
        .post_media("vitrine.demo", post("by the schedule"))
        .unwrap();

    vitrine.advance(Duration::from_hours(3)).await;

    owner.signs_in_again().await;
    owner
        .photos_that(&feed, &key, |feed| captions(feed)[0] == "by the schedule")
        .await;
    let jobs = owner
        .get(&format!("/v1/jobs?account_id={account}&kind=sync_media"))
        .await
        .expect(200);
    assert_eq!(jobs["data"][0]["status"], "succeeded");
}

async fn asking_twice_is_asking_once(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (owner, account, ..) = connected(&vitrine).await;
    vitrine
        .simulator
        .set_faults(vec![FaultRule::always(FaultAction::Hang)]);

    let path = format!("/v1/accounts/{account}/sync");
    let first = owner.post(&path, &json!({})).await.expect(202);
    let second = owner.post(&path, &json!({})).await.expect(202);

    assert_eq!(first["job"]["id"], second["job"]["id"]);
}

async fn a_paused_account_rests(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (mut owner, account, ..) = connected(&vitrine).await;
    let path = format!("/v1/accounts/{account}");

    let paused = owner.patch(&path, &json!({"paused": true})).await.expect(200);
    assert_eq!(paused["status"], "paused");
    assert_eq!(
        owner.post(&format!("{path}/sync"), &json!({})).await.problem(409),
        "account_paused"
    );
    let calls = vitrine.simulator.calls(&CallFilter::default()).total;
    vitrine.advance(Duration::from_hours(4)).await;
    assert_eq!(vitrine.simulator.calls(&CallFilter::default()).total, calls);

    owner.signs_in_again().await;
    owner.patch(&path, &json!({"paused": false})).await.expect(200);
    owner
        .account_that(&account, |account| {
            account["status"] == "active" && !account["sync"]["next_at"].is_null()
        })
        .await;
}

async fn a_new_cadence_counts_at_once(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (owner, account, ..) = connected(&vitrine).await;

    let path = format!("/v1/accounts/{account}");
    let changed = owner
        .patch(&path, &json!({"sync_every_seconds": 600}))
        .await
        .expect(200);

    let next: chrono::DateTime<chrono::Utc> = changed["sync"]["next_at"].as_str().unwrap().parse().unwrap();
    assert!(
        next - vitrine.simulator.clock().now() <= chrono::TimeDelta::minutes(10),
        "{changed}"
    );
    let refused = owner.patch(&path, &json!({"sync_every_seconds": 5})).await;
    assert_eq!(refused.problem(422), "validation_failed");
}

async fn a_pause_is_kept_by_a_sync_that_was_running(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (owner, account, ..) = connected(&vitrine).await;
    let slow = FaultAction::Delay(Duration::from_secs(2));
    vitrine
        .simulator
        .set_faults(vec![FaultRule::always(slow).at(Endpoint::MediaList)]);
    vitrine.simulator.clear_calls();

    let job = owner
        .post(&format!("/v1/accounts/{account}/sync"), &json!({}))
        .await
        .expect(202);
    let calling = vitrine_test_support::wait_until(Duration::from_secs(10), async || {
        vitrine.simulator.calls(&CallFilter::default()).total > 0
    });
    calling.await.unwrap();
    owner
        .patch(&format!("/v1/accounts/{account}"), &json!({"paused": true}))
        .await
        .expect(200);
    owner.finished(job["job"]["id"].as_str().unwrap()).await;

    let paused = owner.account(&account).await;
    assert_eq!(
        (&paused["status"], &paused["sync"]["next_at"]),
        (&json!("paused"), &Value::Null)
    );
}

async fn a_spent_budget_puts_off_and_never_overspends(engines: Engines) {
    let plan = Plan::on(engines).with("VITRINE_INSTAGRAM__CALLS_PER_HOUR", "5");
    let vitrine = Installation::start_as(plan).await;
    let (owner, account, ..) = connected(&vitrine).await;

    let mut last = Value::Null;
    for _ in 0..8 {
        let job = owner
            .post(&format!("/v1/accounts/{account}/sync"), &json!({}))
            .await
            .expect(202);
        let id = job["job"]["id"].as_str().unwrap().to_owned();
        let settled = vitrine_test_support::wait_until(Duration::from_secs(20), async || {
            last = owner.get(&format!("/v1/jobs/{id}")).await.expect(200);
            last["status"] == "deferred" || !last["finished_at"].is_null()
        });
        settled.await.unwrap();
    }

    assert_eq!(last["status"], "deferred", "{last}");
    let account = owner.account(&account).await;
    assert_eq!(account["quota"]["remaining"], 0, "{account}");
    let report = vitrine.simulator.calls(&CallFilter::default());
    // With the profile that was read with the new token these are the five of the hour.
    assert_eq!(report.by_endpoint[&Endpoint::MediaList], 4, "{report:?}");
}

async fn trouble_at_instagram_is_waited_out(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (owner, account, feed, key) = connected(&vitrine).await;
    let before = owner.photos_that(&feed, &key, |_| true).await;

    let trouble = |action| FaultRule::always(action).at(Endpoint::MediaList).first(1);
    let troubles = [
        FaultAction::BadGateway,
        FaultAction::Reset,
        FaultAction::HalfAnswer,
    ];
    vitrine
        .simulator
        .set_faults(troubles.into_iter().map(trouble).collect());
    let job = owner.syncs(&account).await;

    assert_eq!(job["status"], "succeeded", "{job}");
    assert!(job["attempts"].as_i64().unwrap() > 1, "{job}");
    assert_eq!(owner.photos_that(&feed, &key, |_| true).await, before);
}
