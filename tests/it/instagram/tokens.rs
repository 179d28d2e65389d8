//! Tokens live on, and when one dies its photos do not.

use crate::support::{Engines, Installation, Owner, Plan, connected, on_both_pairs};
use serde_json::{Value, json};
use std::time::Duration;
use vitrine_simulator::{
    CallFilter, Endpoint, FaultAction, FaultRule, NamedError, NewAccount, Revocation, SimulatorSettings,
};

const DAY: Duration = Duration::from_hours(24);

on_both_pairs!(
    a_token_is_refreshed_once_a_week,
    a_token_under_a_day_is_left_alone,
    photos_outlive_a_token_that_cannot_be_refreshed,
    a_revoked_token_asks_for_a_new_consent,
    one_false_alarm_changes_nothing,
    an_incident_of_the_app_changes_no_account,
    an_incident_of_all_tokens_changes_no_account,
    a_new_consent_survives_the_verdict_on_the_old_token,
    a_click_leaves_the_weekly_refresh_alone,
    one_refused_account_is_its_own_trouble,
    a_throttled_app_keeps_quiet,
    a_renewed_token_of_unknown_life_is_kept,
    a_renewed_token_that_dies_within_hours_asks_for_attention,
    a_new_token_that_dies_within_hours_asks_for_attention,
);

fn refreshes(vitrine: &Installation) -> u64 {
    vitrine
        .simulator
        .calls(&CallFilter {
            endpoint: Some(Endpoint::Refresh),
            ..CallFilter::default()
        })
        .total
}

async fn still_shown(owner: &Owner<'_>, feed: &str, key: &str) {
    let photos = owner.photos_that(feed, key, |_| true).await;
    assert!(photos["data"].as_array().unwrap().len() >= 12, "{photos}");
}

async fn a_token_is_refreshed_once_a_week(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (mut owner, account, ..) = connected(&vitrine).await;
    let before = owner.account(&account).await["token"]["expires_at"].clone();

    vitrine.advance(8 * DAY).await;
    owner.signs_in_again().await;
    let account = owner
        .account_that(&account, |account| !account["token"]["refreshed_at"].is_null())
        .await;

    assert_eq!(refreshes(&vitrine), 1);
    assert!(account["token"]["expires_at"].as_str() > before.as_str());
    assert_eq!(account["status"], "active");
}

async fn a_token_under_a_day_is_left_alone(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (owner, account, ..) = connected(&vitrine).await;

    let job = owner
        .post(&format!("/v1/accounts/{account}/refresh-token"), &json!({}))
        .await
        .expect(202);
    let id = job["job"]["id"].as_str().unwrap().to_owned();
    let put_off = vitrine_test_support::wait_until(Duration::from_secs(20), async || {
        owner.get(&format!("/v1/jobs/{id}")).await.expect(200)["status"] == "deferred"
    });

    put_off.await.unwrap();
    assert_eq!(refreshes(&vitrine), 0);
}

async fn photos_outlive_a_token_that_cannot_be_refreshed(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (mut owner, account, feed, key) = connected(&vitrine).await;
    vitrine.simulator.set_faults(vec![
        FaultRule::always(FaultAction::BadGateway).at(Endpoint::Refresh),
    ]);

    vitrine.advance(59 * DAY).await;
    owner.signs_in_again().await;
    let failing = owner
        .account_that(&account, |account| account["status"] == "needs_attention")
        .await;
    assert_eq!(failing["status_reason"], "token_refresh_failing");
    still_shown(&owner, &feed, &key).await;

    vitrine.advance(2 * DAY).await;
    owner.signs_in_again().await;
    let dead = owner
        .account_that(&account, |account| account["status"] == "needs_reconnect")
        .await;
    assert_eq!(dead["status_reason"], "token_expired");
    still_shown(&owner, &feed, &key).await;

    vitrine.simulator.set_faults(Vec::new());
    assert_eq!(owner.connects("vitrine.demo").await, account);
    owner
        .account_that(&account, |account| account["status"] == "active")
        .await;
}

async fn a_revoked_token_asks_for_a_new_consent(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (owner, account, feed, key) = connected(&vitrine).await;

    vitrine
        .simulator
        .revoke("vitrine.demo", Revocation::PasswordChanged)
        .unwrap();
    owner.syncs(&account).await;
    let dead = owner.account(&account).await;

    assert_eq!(dead["status"], "needs_reconnect");
    assert_eq!(dead["status_reason"], "token_password_changed");
    assert_eq!(dead["sync"]["next_at"], Value::Null);
    let refused = owner
        .post(&format!("/v1/accounts/{account}/sync"), &json!({}))
        .await;
    assert_eq!(refused.problem(409), "needs_reconnect");
    still_shown(&owner, &feed, &key).await;
}

async fn one_false_alarm_changes_nothing(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (owner, account, ..) = connected(&vitrine).await;
    let alarm = FaultAction::Error(NamedError::SessionExpired);

    vitrine
        .simulator
        .set_faults(vec![FaultRule::always(alarm).at(Endpoint::MediaList).first(1)]);
    let job = owner.syncs(&account).await;

    assert_eq!(job["status"], "succeeded", "{job}");
    assert_eq!(owner.account(&account).await["status"], "active");
}

async fn an_incident_of_the_app_changes_no_account(engines: Engines) {
    incident(engines, NamedError::UnsupportedRequest).await;
}

async fn an_incident_of_all_tokens_changes_no_account(engines: Engines) {
    incident(engines, NamedError::SessionInvalidated).await;
}

/// Eight accounts, one after the other, meet the same trouble.
async fn incident(engines: Engines, error: NamedError) {
    let names: Vec<String> = (0..8).map(|number| format!("shop{number}")).collect();
    let simulator = SimulatorSettings {
        accounts: names.iter().map(NewAccount::named).collect(),
        ..SimulatorSettings::default()
    };
    let plan = Plan {
        simulator,
        ..Plan::on(engines)
    };
    let vitrine = Installation::start_as(plan.with("VITRINE_WORKER__CONCURRENCY", "1")).await;
    let mut owner = vitrine.owner("ada").await;
    let mut accounts = Vec::new();
    for name in &names {
        let account = owner.connects(name).await;
        owner
            .account_that(&account, |account| !account["sync"]["last_at"].is_null())
            .await;
        accounts.push(account);
    }

    vitrine
        .simulator
        .set_faults(vec![FaultRule::always(FaultAction::Error(error))]);
    for _ in 0..3 {
        vitrine.advance(Duration::from_hours(3)).await;
        owner.signs_in_again().await;
        for account in &accounts {
            let tried = |account: &Value| {
                !account["sync"]["last_error"].is_null() || !account["quota"]["blocked_until"].is_null()
            };
            owner.account_that(account, tried).await;
        }
        for account in &accounts {
            owner
                .account_that(account, |account| account["status"] == "active")
                .await;
        }
    }

    vitrine.simulator.set_faults(Vec::new());
    vitrine.advance(Duration::from_hours(4)).await;
    owner.signs_in_again().await;
    for account in &accounts {
        owner
            .account_that(account, |account| account["sync"]["last_error"].is_null())
            .await;
    }
}

async fn a_new_consent_survives_the_verdict_on_the_old_token(engines: Engines) {
    let vitrine = Installation::start_as(Plan::on(engines).with("VITRINE_WORKER__CONFIRM_AFTER", "2s")).await;
    let (owner, account, ..) = connected(&vitrine).await;
    vitrine
        .simulator
        .revoke("vitrine.demo", Revocation::PasswordChanged)
        .unwrap();
    vitrine.simulator.clear_calls();

    let job = owner
        .post(&format!("/v1/accounts/{account}/sync"), &json!({}))
        .await
        .expect(202);
    let refused = vitrine_test_support::wait_until(Duration::from_secs(10), async || {
        vitrine.simulator.calls(&CallFilter::default()).total > 0
    });
    refused.await.unwrap();
    assert_eq!(owner.connects("vitrine.demo").await, account);
    owner.finished(job["job"]["id"].as_str().unwrap()).await;

    let reconnected = owner.account(&account).await;
    assert_eq!(reconnected["status"], "active", "{reconnected}");
    assert!(!reconnected["token"]["next_refresh_at"].is_null() && !reconnected["sync"]["next_at"].is_null());
}

async fn a_click_leaves_the_weekly_refresh_alone(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (mut owner, account, ..) = connected(&vitrine).await;
    let before = owner.account(&account).await["token"]["next_refresh_at"].clone();

    let path = format!("/v1/accounts/{account}/refresh-token");
    let job = owner.post(&path, &json!({})).await.expect(202)["job"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let put_off = vitrine_test_support::wait_until(Duration::from_secs(20), async || {
        owner.get(&format!("/v1/jobs/{job}")).await.expect(200)["status"] == "deferred"
    });
    put_off.await.unwrap();
    assert_eq!(owner.account(&account).await["token"]["next_refresh_at"], before);

    vitrine.advance(Duration::from_hours(26)).await;
    owner.signs_in_again().await;
    assert_eq!(owner.finished(&job).await["status"], "succeeded");
    vitrine.advance(Duration::from_hours(2 * 24)).await;
    owner.signs_in_again().await;
    owner.syncs(&account).await;

    assert_eq!(refreshes(&vitrine), 1);
}

async fn one_refused_account_is_its_own_trouble(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (owner, account, feed, key) = connected(&vitrine).await;
    let other = owner.connects("vitrine.creator").await;
    let refusal = FaultAction::Error(NamedError::UnsupportedRequest);

    vitrine
        .simulator
        .set_faults(vec![FaultRule::always(refusal).of_account("vitrine.demo")]);
    assert_eq!(owner.syncs(&account).await["status"], "failed");
    assert_eq!(owner.account(&account).await["status"], "active");
    assert_eq!(owner.syncs(&account).await["status"], "failed");

    let refused = owner.account(&account).await;
    assert_eq!(
        (&refused["status"], &refused["status_reason"]),
        (&json!("needs_attention"), &json!("app_not_allowed_on_account"))
    );
    assert_eq!(owner.syncs(&other).await["status"], "succeeded");
    still_shown(&owner, &feed, &key).await;

    vitrine.simulator.set_faults(Vec::new());
    owner.syncs(&account).await;
    assert_eq!(owner.account(&account).await["status"], "active");
}

async fn a_throttled_app_keeps_quiet(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (owner, account, ..) = connected(&vitrine).await;
    let other = owner.connects("vitrine.creator").await;
    owner
        .account_that(&other, |account| !account["sync"]["last_at"].is_null())
        .await;
    let throttle = FaultAction::Throttle {
        code: 4,
        headers: false,
        minutes: 0,
    };
    vitrine.simulator.set_faults(vec![FaultRule::always(throttle)]);

    let put_off = async |id: &str| {
        let job = owner
            .post(&format!("/v1/accounts/{id}/sync"), &json!({}))
            .await
            .expect(202);
        let id = job["job"]["id"].as_str().unwrap().to_owned();
        let deferred = vitrine_test_support::wait_until(Duration::from_secs(20), async || {
            owner.get(&format!("/v1/jobs/{id}")).await.expect(200)["status"] == "deferred"
        });
        deferred.await.unwrap();
    };
    put_off(&account).await;
    let calls = vitrine.simulator.calls(&CallFilter::default()).total;
    put_off(&other).await;

    assert_eq!(
        vitrine.simulator.calls(&CallFilter::default()).total,
        calls,
        "the other account called all the same"
    );
    for id in [&account, &other] {
        assert_eq!(owner.account(id).await["status"], "active");
    }
}

/// An answer with a new token that lives for so long.
fn granted(vitrine: &Installation, life: &Value) -> FaultAction {
    let minted = vitrine.simulator.mint_token("vitrine.demo").unwrap();
    FaultAction::Respond {
        status: 200,
        body: json!({"access_token": minted, "token_type": "bearer", "expires_in": life}).to_string(),
        headers: std::collections::BTreeMap::new(),
    }
}

/// What a refresh is answered, and what the account looks like afterwards.
async fn refreshed_to(engines: Engines, life: &Value) -> (Value, bool) {
    let vitrine = Installation::start(engines).await;
    let (mut owner, account, ..) = connected(&vitrine).await;
    let answer = FaultRule::always(granted(&vitrine, life)).at(Endpoint::Refresh);
    vitrine.simulator.set_faults(vec![answer]);

    vitrine.advance(8 * DAY).await;
    owner.signs_in_again().await;
    let renewed = owner
        .account_that(&account, |account| !account["token"]["refreshed_at"].is_null())
        .await;
    vitrine.simulator.set_faults(Vec::new());
    let reads = owner.syncs(&account).await["status"] == "succeeded";
    (renewed, reads)
}

async fn a_renewed_token_of_unknown_life_is_kept(engines: Engines) {
    let (renewed, reads) = refreshed_to(engines, &Value::Null).await;

    assert!(reads);
    assert_eq!(renewed["token"]["expiry_assumed"], true, "{renewed}");
    assert_eq!(renewed["status"], "active");
}

async fn a_renewed_token_that_dies_within_hours_asks_for_attention(engines: Engines) {
    let (renewed, reads) = refreshed_to(engines, &json!(7200.0)).await;

    assert!(reads);
    assert_eq!(
        (&renewed["status"], &renewed["status_reason"]),
        (&json!("needs_attention"), &json!("token_short_lived"))
    );
    let at = |field: &str| renewed["token"][field].as_str().unwrap().to_owned();
    assert!(at("next_refresh_at") < at("expires_at"), "{renewed}");
}

async fn a_new_token_that_dies_within_hours_asks_for_attention(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    let answer = FaultRule::always(granted(&vitrine, &json!(7_200))).at(Endpoint::LongLived);
    vitrine.simulator.set_faults(vec![answer]);

    let account = owner.connects("vitrine.demo").await;
    let read = owner
        .account_that(&account, |account| !account["sync"]["last_at"].is_null())
        .await;

    assert_eq!(
        (&read["status"], &read["status_reason"]),
        (&json!("needs_attention"), &json!("token_short_lived"))
    );
}
