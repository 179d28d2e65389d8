//! Faults that are ordered, seen by a caller.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use vitrine_simulator::{CallFilter, Endpoint, FaultAction, FaultRule, NamedError};

use crate::support::{World, parts};

async fn me(world: &World, username: &str) -> reqwest::Result<reqwest::Response> {
    let token = world.simulator.mint_token(username).unwrap();
    world
        .client
        .get(world.url("/me"))
        .query(&[("access_token", token)])
        .send()
        .await
}

#[tokio::test]
async fn every_named_error_has_the_status_code_and_text_on_record() {
    let world = World::start().await;
    let cases = [
        (NamedError::SessionExpired, 400, 190, "Session has expired on"),
        (
            NamedError::SessionInvalidated,
            400,
            190,
            "session has been invalidated",
        ),
        (NamedError::AppRemoved, 400, 190, "has not authorized application"),
        (NamedError::Checkpoint, 400, 190, "log in to"),
        (NamedError::UnparsableToken, 400, 190, "Cannot parse access token"),
        (NamedError::SessionKeyInvalid, 400, 102, "Session key invalid"),
        (
            NamedError::UnsupportedRequest,
            400,
            100,
            "Unsupported request - method type: get",
        ),
        (
            NamedError::ObjectMissing,
            400,
            100,
            "does not exist, cannot be loaded",
        ),
        (NamedError::ProofRequired, 400, 100, "appsecret_proof"),
        (NamedError::BeforeConversion, 400, 100, "Invalid parameter"),
        (
            NamedError::NoPermission,
            403,
            10,
            "Application does not have permission for this action",
        ),
        (NamedError::UnknownError, 400, 1, "unknown error"),
        (
            NamedError::Unexpected,
            500,
            2,
            "An unexpected error has occurred. Please retry your request later.",
        ),
        (
            NamedError::AppLimit,
            403,
            4,
            "(#4) Application request limit reached",
        ),
        (
            NamedError::ActionBlocked,
            403,
            4,
            "Application request limit reached",
        ),
        (NamedError::UserLimit, 403, 17, "limit reached"),
        (
            NamedError::AccountLimit,
            400,
            80_002,
            "too many calls to this Instagram account",
        ),
        (NamedError::CustomLimit, 400, 613, "rate limit"),
        (NamedError::PolicyBlock, 400, 368, "deemed abusive"),
        (NamedError::UnknownPath, 400, 2_500, "Unknown path components: /"),
    ];
    for (name, status, code, text) in cases {
        world
            .simulator
            .set_faults(vec![FaultRule::always(FaultAction::Error(name))]);
        let (got, body) = parts(me(&world, "vitrine.demo").await.unwrap()).await;
        assert_eq!(
            (got, &body["error"]["code"]),
            (status, &Value::from(code)),
            "{name:?}"
        );
        assert!(
            body["error"]["message"].as_str().unwrap().contains(text),
            "{name:?} {body}"
        );
    }
}

#[tokio::test]
async fn a_rule_strikes_one_account_once_and_leaves_the_others_alone() {
    let world = World::start().await;
    let once = FaultRule::always(FaultAction::Error(NamedError::SessionExpired))
        .of_account("vitrine.demo")
        .first(1);
    world.simulator.set_faults(vec![once]);

    assert_eq!(me(&world, "vitrine.creator").await.unwrap().status(), 200);
    assert_eq!(me(&world, "vitrine.demo").await.unwrap().status(), 400);
    assert_eq!(me(&world, "vitrine.demo").await.unwrap().status(), 200);

    world
        .simulator
        .set_faults(vec![FaultRule::always(FaultAction::Error(
            NamedError::UnsupportedRequest,
        ))]);
    assert_eq!(me(&world, "vitrine.creator").await.unwrap().status(), 400);
    assert_eq!(me(&world, "vitrine.demo").await.unwrap().status(), 400);
}

#[tokio::test]
async fn a_throttle_comes_with_or_without_headers() {
    let world = World::start().await;
    let view = world.simulator.account("vitrine.demo").unwrap();
    for headers in [true, false] {
        let action = FaultAction::Throttle {
            code: 80_002,
            headers,
            minutes: 19,
        };
        world.simulator.set_faults(vec![FaultRule::always(action)]);
        let response = me(&world, "vitrine.demo").await.unwrap();
        assert_eq!(response.status(), 400);
        let usage = response
            .headers()
            .get("x-business-use-case-usage")
            .map(|text| text.to_str().unwrap().to_owned());
        assert_eq!(usage.is_some(), headers);
        if let Some(usage) = usage {
            let usage: Value = serde_json::from_str(&usage).unwrap();
            assert_eq!(usage[&view.user_id][0]["estimated_time_to_regain_access"], 19);
            assert_eq!(usage[&view.user_id][0]["call_count"], 100);
        }
    }
}

#[tokio::test]
async fn answers_can_be_html_anything_late_half_or_none() {
    let world = World::start().await;
    let order = |action| {
        world
            .simulator
            .set_faults(vec![FaultRule::always(action).at(Endpoint::User)])
    };

    order(FaultAction::BadGateway);
    let response = me(&world, "vitrine.demo").await.unwrap();
    assert_eq!(response.status(), 502);
    assert!(response.text().await.unwrap().starts_with("<html>"));
    let headers = BTreeMap::from([("retry-after".to_owned(), "30".to_owned())]);
    order(FaultAction::Respond {
        status: 429,
        body: "{}".to_owned(),
        headers,
    });
    let response = me(&world, "vitrine.demo").await.unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["retry-after"]),
        (429, &"30".parse().unwrap())
    );
    order(FaultAction::Delay(Duration::from_millis(50)));
    let started = std::time::Instant::now();
    assert_eq!(me(&world, "vitrine.demo").await.unwrap().status(), 200);
    assert!(started.elapsed() >= Duration::from_millis(50));
    order(FaultAction::HalfAnswer);
    let response = me(&world, "vitrine.demo").await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.bytes().await.is_err());
    order(FaultAction::Reset);
    assert!(me(&world, "vitrine.demo").await.is_err());
}

#[tokio::test]
async fn a_reset_or_hanging_call_is_counted_though_never_answered() {
    let world = World::start().await;
    for action in [FaultAction::Reset, FaultAction::Hang] {
        world.simulator.clear_calls();
        world.simulator.set_faults(vec![FaultRule::always(action)]);
        let token = world.simulator.mint_token("vitrine.demo").unwrap();
        let call = world
            .client
            .get(world.url("/me"))
            .query(&[("access_token", token)]);
        assert!(call.timeout(Duration::from_millis(200)).send().await.is_err());

        let report = world.simulator.calls(&CallFilter::default());
        assert_eq!((report.total, report.newest[0].status), (1, None));
        assert!(report.by_status.is_empty());
    }
}

#[tokio::test]
async fn a_hanging_answer_does_not_keep_the_simulator_from_stopping() {
    let world = World::start().await;
    world
        .simulator
        .set_faults(vec![FaultRule::always(FaultAction::Hang)]);
    let token = world.simulator.mint_token("vitrine.demo").unwrap();
    let call = world
        .client
        .get(world.url("/me"))
        .query(&[("access_token", token)])
        .send();
    let hanging = tokio::spawn(call);
    while world.simulator.calls(&CallFilter::default()).total == 0 {
        tokio::task::yield_now().await;
    }

    tokio::time::timeout(Duration::from_secs(3), world.simulator.stop())
        .await
        .unwrap()
        .unwrap();

    assert!(hanging.await.unwrap().is_err());
}

#[tokio::test]
async fn the_exchange_fails_in_its_own_shape() {
    let world = World::start().await;
    let rule = FaultRule::always(FaultAction::Error(NamedError::Unexpected)).at(Endpoint::Exchange);
    world.simulator.set_faults(vec![rule]);

    let (status, body) = world
        .exchange(&world.exchange_form(&world.code("vitrine.demo")))
        .await;

    assert_eq!((status, &body["error_type"]), (500, &"OAuthException".into()));
}
