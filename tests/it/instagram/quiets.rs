//! Whom an answer that asks for quiet closes, for how long, and how an operator lifts it.

use crate::support::{Engines, Installation, Owner, connected, on_both_pairs};
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};
use vitrine_simulator::{CallFilter, Endpoint, FaultAction, FaultRule};
use vitrine_test_support::wait_until;

on_both_pairs!(
    a_pasted_token_closes_nobody,
    an_account_whose_app_is_not_proved_closes_itself_alone,
    usage_at_the_limit_closes_the_app_for_an_hour_at_most,
    an_operator_sees_and_lifts_quiets,
);

const FULL: (&str, &str) = (
    "x-app-usage",
    r#"{"call_count":100,"total_time":1,"total_cputime":1}"#,
);
const WEEK: (&str, &str) = (
    "x-business-use-case-usage",
    r#"{"1":[{"type":"instagram","call_count":100,"total_time":1,"total_cputime":1,"estimated_time_to_regain_access":10080}]}"#,
);

fn responds(status: u16, body: &Value, (name, value): (&str, &str)) -> FaultAction {
    FaultAction::Respond {
        status,
        body: body.to_string(),
        headers: BTreeMap::from([(name.to_owned(), value.to_owned())]),
    }
}

fn refusal(code: u32) -> Value {
    json!({"error": {"message": "too many calls", "type": "OAuthException", "code": code}})
}

fn only(action: FaultAction, endpoint: Endpoint) -> Vec<FaultRule> {
    vec![FaultRule::always(action).at(endpoint)]
}

async fn printed(vitrine: &Installation, arguments: &[&str]) -> String {
    let ended = vitrine.admin(arguments).await;
    let (printed, said) = (String::from_utf8(ended.stdout), String::from_utf8(ended.stderr));
    assert!(ended.status.success(), "{arguments:?}: {said:?}");
    printed.unwrap()
}

async fn quiets(vitrine: &Installation) -> Value {
    serde_json::from_str(&printed(vitrine, &["quiets", "list", "--json"]).await).unwrap()
}

/// Asks for a sync that Instagram does not let through.
async fn is_put_off(owner: &Owner<'_>, account: &str) -> String {
    let path = format!("/v1/accounts/{account}/sync");
    let asked = owner.post(&path, &json!({})).await.expect(202);
    let job = asked["job"]["id"].as_str().unwrap().to_owned();
    let put_off = wait_until(Duration::from_secs(20), async || {
        owner.get(&format!("/v1/jobs/{job}")).await.expect(200)["status"] == "deferred"
    });
    put_off.await.unwrap();
    job
}

fn calls(vitrine: &Installation) -> u64 {
    vitrine.simulator.calls(&CallFilter::default()).total
}

async fn a_pasted_token_closes_nobody(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (owner, account, ..) = connected(&vitrine).await;
    let stranger = vitrine.owner("grace").await;
    let answers = [
        responds(400, &refusal(80_002), WEEK),
        responds(403, &refusal(4), WEEK),
        responds(200, &json!({"id": 5, "user_id": 6, "username": "x"}), FULL),
    ];

    for (number, answer) in answers.into_iter().enumerate() {
        vitrine.simulator.set_faults(only(answer, Endpoint::User));
        let body = json!({"access_token": format!("IGAAforeign{number}")});
        let pasted = stranger.post("/v1/accounts/connect/token", &body).await;
        assert_eq!(pasted.status, if number == 2 { 201 } else { 429 }, "{pasted:?}");
        vitrine.simulator.set_faults(Vec::new());
        assert_eq!(
            owner.syncs(&account).await["status"],
            "succeeded",
            "answer {number}"
        );
    }
    assert_eq!(quiets(&vitrine).await["app"], Value::Null);
}

async fn an_account_whose_app_is_not_proved_closes_itself_alone(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (owner, account, ..) = connected(&vitrine).await;
    let stranger = vitrine.owner("grace").await;
    let token = vitrine.simulator.mint_token("vitrine.creator").unwrap();
    let body = json!({"access_token": token});
    let pasted = stranger
        .post("/v1/accounts/connect/token", &body)
        .await
        .expect(201);
    let foreign = pasted["id"].as_str().unwrap();
    stranger
        .account_that(foreign, |account| !account["sync"]["last_at"].is_null())
        .await;
    let list = json!({"data": []});

    for answer in [responds(200, &list, FULL), responds(403, &refusal(4), FULL)] {
        let rule = FaultRule::always(answer).of_account("vitrine.creator");
        vitrine.simulator.set_faults(vec![rule]);
        stranger
            .post(&format!("/v1/accounts/{foreign}/sync"), &json!({}))
            .await
            .expect(202);
        stranger
            .account_that(foreign, |account| {
                !account["sync"]["last_error"].is_null() || !account["quota"]["blocked_until"].is_null()
            })
            .await;
        assert_eq!(owner.syncs(&account).await["status"], "succeeded");
    }
    assert_eq!(quiets(&vitrine).await["app"], Value::Null);
}

/// Every answer says that the app's limit is reached: it keeps quiet, for an hour in all, and is open then.
async fn usage_at_the_limit_closes_the_app_for_an_hour_at_most(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (mut owner, account, ..) = connected(&vitrine).await;
    let full = responds(200, &json!({"data": []}), FULL);
    vitrine.simulator.set_faults(vec![FaultRule::always(full)]);

    let began = vitrine.simulator.clock().now();
    let mut until = began;
    for _ in 0..8 {
        let before = calls(&vitrine);
        let path = format!("/v1/accounts/{account}/sync");
        owner.post(&path, &json!({})).await;
        wait_until(Duration::from_secs(20), async || calls(&vitrine) > before)
            .await
            .unwrap();
        let open = wait_until(Duration::from_secs(1), async || {
            quiets(&vitrine).await["app"] != Value::Null
        });
        if open.await.is_err() {
            break;
        }
        until = quiets(&vitrine).await["app"]["until"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap();
        vitrine.advance(Duration::from_mins(11)).await;
        owner.signs_in_again().await;
    }

    let lasted = until - began;
    assert!((50..=61).contains(&lasted.num_minutes()), "{lasted}");
    assert_eq!(quiets(&vitrine).await["app"], Value::Null);
}

async fn an_operator_sees_and_lifts_quiets(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (owner, account, ..) = connected(&vitrine).await;
    assert_eq!(printed(&vitrine, &["quiets", "list"]).await, "no cooldowns\n");

    vitrine
        .simulator
        .set_faults(only(responds(400, &refusal(80_002), WEEK), Endpoint::MediaList));
    is_put_off(&owner, &account).await;
    let shown = quiets(&vitrine).await;
    assert_eq!(shown["accounts"][0]["id"], account.as_str(), "{shown}");
    assert_eq!(shown["app"], Value::Null);
    assert!(owner.account(&account).await["quota"]["blocked_until"].is_string());
    vitrine.simulator.set_faults(Vec::new());
    let lift = ["quiets", "lift", "--account", &account];
    assert_eq!(printed(&vitrine, &lift).await, "cooldowns lifted: 1\n");
    assert_eq!(printed(&vitrine, &lift).await, "cooldowns lifted: 0\n");
    owner
        .account_that(&account, |account| {
            account["quota"]["blocked_until"].is_null() && account["sync"]["last_error"].is_null()
        })
        .await;

    vitrine
        .simulator
        .set_faults(only(responds(403, &refusal(4), FULL), Endpoint::MediaList));
    let before = calls(&vitrine);
    owner.connects("vitrine.creator").await;
    let closed = wait_until(Duration::from_secs(20), async || {
        quiets(&vitrine).await["app"] != Value::Null
    });
    closed.await.unwrap();
    assert!(calls(&vitrine) > before);
    assert!(
        printed(&vitrine, &["quiets", "list"])
            .await
            .contains("throttled_app")
    );
    vitrine.simulator.set_faults(Vec::new());
    assert_eq!(
        printed(&vitrine, &["quiets", "lift", "--all"]).await,
        "cooldowns lifted: 1\n"
    );
    // Processes look at the row once a second.
    let open = wait_until(Duration::from_secs(20), async || {
        let body = json!({"access_token": vitrine.simulator.mint_token("vitrine.creator").unwrap()});
        owner.post("/v1/accounts/connect/token", &body).await.status == 201
    });
    open.await.unwrap();
}
