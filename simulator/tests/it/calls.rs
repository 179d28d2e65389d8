//! Counting the calls really made.

use std::time::Duration;

use vitrine_simulator::{CallFilter, Endpoint, FaultAction, FaultRule, Revocation};

use crate::support::World;

#[tokio::test]
async fn calls_are_counted_by_account_endpoint_token_and_status() {
    let world = World::start().await;
    let (demo, creator) = (
        world.simulator.mint_token("vitrine.demo").unwrap(),
        world.simulator.mint_token("vitrine.creator").unwrap(),
    );
    for (path, token) in [
        ("/me", &demo),
        ("/me/media", &demo),
        ("/v25.0/me/media", &demo),
        ("/me/media", &creator),
    ] {
        assert_eq!(world.json(path, &[("access_token", token)]).await.0, 200);
    }
    world.json("/me", &[("access_token", "garbage")]).await;

    let all = world.simulator.calls(&CallFilter::default());
    assert_eq!(all.total, 5);
    assert_eq!(all.by_endpoint[&Endpoint::MediaList], 3);
    assert_eq!(all.by_status[&Endpoint::User][&200], 1);
    assert_eq!(all.by_status[&Endpoint::User][&400], 1);
    assert_eq!((all.by_account["vitrine.demo"], all.by_account[""]), (3, 1));
    assert_eq!(all.by_token.len(), 3);
    assert_eq!((all.newest[0].sequence, all.newest[0].status), (5, Some(400)));
    assert!(!serde_json::to_string(&all).unwrap().contains(&demo));

    let filter = CallFilter {
        account: Some("vitrine.demo".to_owned()),
        endpoint: Some(Endpoint::MediaList),
        ..CallFilter::default()
    };
    let some = world.simulator.calls(&filter);
    assert_eq!((some.total, some.newest.len()), (2, 2));
    world.simulator.clear_calls();
    assert_eq!(world.simulator.calls(&CallFilter::default()).total, 0);
}

#[tokio::test]
async fn the_busiest_hour_of_a_token_is_the_most_any_rolling_hour_saw() {
    let world = World::start().await;
    let token = world.simulator.mint_token("vitrine.demo").unwrap();
    let call = async || world.json("/me", &[("access_token", &token)]).await;
    for minutes in [0, 40, 15, 50, 70] {
        world
            .simulator
            .clock()
            .advance(chrono::Duration::minutes(minutes));
        call().await;
    }

    let report = world.simulator.calls(&CallFilter::default());

    assert_eq!(
        report.busiest_hour_by_token.values().copied().collect::<Vec<_>>(),
        [3]
    );
}

#[tokio::test]
async fn no_call_is_lost_when_many_come_at_once() {
    let world = World::start().await;
    let token = world.simulator.mint_token("vitrine.demo").unwrap();
    let query = [("access_token", token.as_str())];
    let calls = (0..300).map(|_| world.json("/me", &query));
    let answers = futures::future::join_all(calls).await;
    assert!(answers.iter().all(|(status, _)| *status == 200));
    let report = world.simulator.calls(&CallFilter {
        newest: Some(1_000),
        ..CallFilter::default()
    });
    assert_eq!(
        (
            report.total,
            report.by_status[&Endpoint::User][&200],
            report.newest.len()
        ),
        (300, 300, 300)
    );
}

#[tokio::test]
async fn calls_of_an_account_under_way_at_once_are_counted_until_their_callers_leave() {
    let world = World::start().await;
    let token = world.simulator.mint_token("vitrine.demo").unwrap();
    let query = [("access_token", token.as_str())];
    let most = || {
        let report = world.simulator.calls(&CallFilter::default());
        report.most_at_once_by_account.get("vitrine.demo").copied()
    };
    world.json("/me", &query).await;
    world.json("/me", &query).await;
    assert_eq!(most(), Some(1));

    world
        .simulator
        .set_faults(vec![FaultRule::always(FaultAction::Hang)]);
    let hanging = futures::future::join_all((0..3).map(|_| world.json("/me", &query)));
    let left = tokio::time::timeout(Duration::from_millis(500), hanging).await;
    assert!(left.is_err() && most() == Some(3), "{:?}", most());

    world.simulator.set_faults(Vec::new());
    let alone = async || {
        world.simulator.clear_calls();
        world.json("/me", &query).await;
        most() == Some(1)
    };
    let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
    while !alone().await {
        assert!(tokio::time::Instant::now() < deadline, "{:?}", most());
    }
}

#[tokio::test]
async fn a_token_is_accepted_while_it_lives() {
    let world = World::start().await;
    let token = world.simulator.mint_token("vitrine.demo").unwrap();
    assert_eq!(world.simulator.accepts(&token).as_deref(), Some("vitrine.demo"));
    assert_eq!(world.simulator.accepts("garbage"), None);

    world
        .simulator
        .revoke("vitrine.demo", Revocation::PasswordChanged)
        .unwrap();

    assert_eq!(world.simulator.accepts(&token), None);
}
