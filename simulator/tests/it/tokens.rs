//! How long tokens live, and what ends them.

use chrono::Duration;
use serde_json::Value;
use vitrine_simulator::{EarlyRefresh, RefreshedToken, Revocation};

use crate::support::World;

async fn refresh(world: &World, token: &str) -> (u16, Value) {
    world
        .json(
            "/refresh_access_token",
            &[("grant_type", "ig_refresh_token"), ("access_token", token)],
        )
        .await
}

async fn works(world: &World, token: &str) -> bool {
    world.json("/me", &[("access_token", token)]).await.0 == 200
}

#[tokio::test]
async fn a_short_token_lives_an_hour_and_is_exchanged_with_the_secret_only() {
    let world = World::start().await;
    let short = world.simulator.mint_short_token("vitrine.demo").unwrap();
    let secret = world.simulator.settings().client_secret.clone();
    let query = |secret: &str| {
        let pairs = [
            ("grant_type", "ig_exchange_token"),
            ("client_secret", secret),
            ("access_token", &short),
        ];
        pairs.map(|(name, value)| (name, value.to_owned()))
    };
    let exchange = async |secret: &str| {
        let response = world
            .client
            .get(world.url("/v25.0/access_token"))
            .query(&query(secret))
            .send()
            .await;
        response.unwrap().status().as_u16()
    };
    assert_eq!(exchange(&secret).await, 200);
    assert_eq!(exchange("wrong").await, 400);

    world.simulator.clock().advance(Duration::minutes(59));
    assert!(works(&world, &short).await);
    world.simulator.clock().advance(Duration::minutes(1));
    assert!(!works(&world, &short).await);
    assert_eq!(exchange(&secret).await, 400);
}

#[tokio::test]
async fn a_long_token_lives_sixty_days_and_tells_when_it_ended() {
    let world = World::start().await;
    let token = world.simulator.mint_token("vitrine.demo").unwrap();

    world.simulator.clock().advance(Duration::seconds(5_183_900));
    assert!(works(&world, &token).await);
    world.simulator.clock().advance(Duration::seconds(60));

    let (status, body) = world.json("/me", &[("access_token", &token)]).await;
    assert_eq!((status, &body["error"]["code"]), (400, &Value::from(190)));
    let message = body["error"]["message"].as_str().unwrap();
    assert!(
        message.starts_with("Error validating access token: Session has expired on "),
        "{message}"
    );
    assert!(message.contains(". The current time is "), "{message}");
    let (status, body) = refresh(&world, &token).await;
    assert_eq!((status, &body["error"]["code"]), (400, &Value::from(190)));
}

#[tokio::test]
async fn a_refresh_needs_a_day_of_age_and_gives_sixty_more_days() {
    let world = World::start().await;
    let old = world.simulator.mint_token("vitrine.demo").unwrap();

    world.simulator.clock().advance(Duration::minutes(24 * 60 - 1));
    let (status, body) = refresh(&world, &old).await;
    assert_eq!(
        (status, &body["error"]["message"]),
        (400, &Value::from("Token is too new to refresh"))
    );
    world.simulator.clock().advance(Duration::minutes(1));
    let (status, body) = refresh(&world, &old).await;
    assert_eq!(status, 200, "{body}");
    let new = body["access_token"].as_str().unwrap();
    assert_ne!(new, old);

    world
        .simulator
        .clock()
        .advance(Duration::days(59) + Duration::hours(12));
    assert!(!works(&world, &old).await);
    assert!(works(&world, new).await);
}

#[tokio::test]
async fn a_refresh_may_keep_the_string_and_an_early_one_may_change_nothing() {
    let world = World::with(|settings| {
        settings.modes.refresh = RefreshedToken::Same;
        settings.modes.early_refresh = EarlyRefresh::Unchanged;
    })
    .await;
    let token = world.simulator.mint_token("vitrine.demo").unwrap();

    world.simulator.clock().advance(Duration::hours(1));
    let (_, early) = refresh(&world, &token).await;
    assert_eq!(early["access_token"], token);
    assert!(early["expires_in"].as_i64().unwrap() <= 5_183_944 - 3_600);

    world.simulator.clock().advance(Duration::days(30));
    let (_, late) = refresh(&world, &token).await;
    assert_eq!(
        (&late["access_token"], &late["expires_in"]),
        (&Value::from(token.clone()), &5_183_944.into())
    );
    world.simulator.clock().advance(Duration::days(45));
    assert!(works(&world, &token).await);
}

#[tokio::test]
async fn a_revoked_token_says_why_and_new_consent_works() {
    let world = World::with(|settings| settings.modes.subcodes = true).await;
    let cases = [
        (
            Revocation::PasswordChanged,
            460,
            "because the user changed their password",
        ),
        (Revocation::AppRemoved, 458, "has not authorized application"),
        (Revocation::Checkpoint, 459, "log in to"),
    ];
    for (why, subcode, text) in cases {
        let token = world.simulator.mint_token("vitrine.demo").unwrap();
        assert!(works(&world, &token).await);
        world.simulator.revoke("vitrine.demo", why).unwrap();
        let (status, body) = world.json("/me", &[("access_token", &token)]).await;
        assert_eq!(
            (status, &body["error"]["error_subcode"]),
            (400, &Value::from(subcode))
        );
        assert!(
            body["error"]["message"].as_str().unwrap().contains(text),
            "{body}"
        );
    }
    let token = world.simulator.mint_token("vitrine.demo").unwrap();
    assert!(works(&world, &token).await);
}

#[tokio::test]
async fn a_token_goes_in_the_query_or_a_header_and_garbage_is_told_from_nothing() {
    let world = World::start().await;
    let token = world.simulator.mint_token("vitrine.demo").unwrap();

    let response = world
        .client
        .get(world.url("/me"))
        .bearer_auth(&token)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    let (_, body) = world.json("/me", &[("access_token", "EAAgarbage")]).await;
    assert_eq!(
        body["error"]["message"],
        "Invalid OAuth access token - Cannot parse access token"
    );
    assert_eq!(body["error"]["type"], "OAuthException");
    assert!(body["error"].get("error_subcode").is_none());
    assert_eq!(world.json("/me", &[]).await.0, 400);
}

#[tokio::test]
async fn deleting_the_permissions_kills_the_token() {
    let world = World::start().await;
    let token = world.simulator.mint_token("vitrine.demo").unwrap();

    let response = world
        .client
        .delete(world.url("/me/permissions"))
        .bearer_auth(&token)
        .send()
        .await
        .unwrap();

    assert_eq!(response.status(), 200);
    assert!(!works(&world, &token).await);
}
