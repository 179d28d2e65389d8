//! The call budget, over a real Redis and without it.

use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::{
    num::NonZeroU32,
    sync::Arc,
    time::{Duration, Instant},
};
use vitrine_base::clock::{Clock, TestClock};
use vitrine_entity::AccountId;
use vitrine_limits::budget::{
    Budget, BudgetLimits, BudgetUse, CallClass, Load, MemoryBudget, Payer, RecordedUse, RedisBudget,
    Reservation, SharedBudget,
};
use vitrine_redis::{Address, Connection};
use vitrine_test_support::{RedisServer, redis_prefix, shared_redis_url};

const CLASSES: [CallClass; 3] = [CallClass::Refresh, CallClass::Interactive, CallClass::Sync];

fn limits(token: u32, app: Option<u32>) -> BudgetLimits {
    BudgetLimits {
        token_calls_per_hour: NonZeroU32::new(token).unwrap(),
        app_calls_per_hour: app.and_then(NonZeroU32::new),
    }
}

fn connection(url: &str, prefix: &str) -> Connection {
    let (connection, health_check) = Connection::new(&Address::read(url).unwrap(), prefix).unwrap();
    tokio::spawn(health_check);
    connection
}

/// The budget of one process.
async fn process(url: &str, prefix: &str, clock: &TestClock, limits: BudgetLimits) -> SharedBudget {
    let clock = Arc::new(clock.clone());
    let shared = RedisBudget::new(connection(url, prefix), prefix, clock.clone(), limits);
    SharedBudget::new(shared, clock, limits)
}

fn token() -> Payer {
    Payer::Token(AccountId::generate())
}

/// Takes units until there are no more; says how many, and what an account's row would remember.
async fn exhaust(
    budget: &SharedBudget,
    payer: Payer,
    class: CallClass,
    mut known: RecordedUse,
) -> (u32, RecordedUse) {
    let mut granted = 0;
    while let Reservation::Granted(charge) = budget.reserve(payer, class, known).await {
        granted += 1;
        known.used = charge.used;
        known.at = Some(charge.at);
        assert!(granted <= 1_000, "the budget has no end");
    }
    (granted, known)
}

/// What was granted and when the next is, without what only the dice decide.
fn comparable(reservation: Reservation) -> Result<(u32, bool), chrono::DateTime<chrono::Utc>> {
    match reservation {
        Reservation::Granted(charge) => Ok((charge.used, charge.slowed)),
        Reservation::Until(until) => Err(until),
    }
}

#[tokio::test]
async fn both_books_say_the_same_whatever_happens() {
    let url = shared_redis_url().await.unwrap();
    for seed in 0..40 {
        let mut jump = if seed % 2 == 0 { 20 } else { -20 };
        let mut dice = StdRng::seed_from_u64(seed);
        let clock = TestClock::new();
        let limits = limits(6, Some(15));
        let shared = process(&url, &redis_prefix(), &clock, limits).await;
        let memory = MemoryBudget::new(Arc::new(clock.clone()), limits);
        let accounts = [
            AccountId::generate(),
            AccountId::generate(),
            AccountId::generate(),
        ];
        for step in 0..150 {
            let account = accounts[dice.random_range(0..3)];
            let payer = if dice.random_bool(0.1) {
                Payer::App
            } else {
                Payer::Token(account)
            };
            let note = format!("seed {seed}, step {step}, {payer:?}");
            match dice.random_range(0..100) {
                0..60 => {
                    let class = CLASSES[dice.random_range(0..2)];
                    let known = RecordedUse {
                        used: dice.random_range(0..8),
                        at: dice
                            .random_bool(0.3)
                            .then(|| clock.now() - chrono::TimeDelta::minutes(dice.random_range(0..90))),
                    };
                    let (there, here) = (
                        shared.reserve(payer, class, known).await,
                        memory.reserve(payer, class, known).await,
                    );
                    assert_eq!(comparable(there), comparable(here), "{note}");
                    if let (Reservation::Granted(charge), true) = (there, dice.random_bool(0.2)) {
                        shared.give_back(charge).await;
                        memory.give_back(charge).await;
                    }
                }
                60..70 => {
                    let load = Load(dice.random_range(60..120));
                    shared.record_load(payer, load).await;
                    memory.record_load(payer, load).await;
                }
                70..75 if jump != 0 => {
                    clock.set(clock.now() + chrono::TimeDelta::days(jump));
                    // Back again a process would remember what it had spent of the app's hour.
                    jump = 0;
                }
                _ => clock.advance(Duration::from_secs(dice.random_range(0..600))),
            }
            // Redis keeps whole milliseconds.
            clock.set(chrono::DateTime::from_timestamp_millis(clock.now().timestamp_millis()).unwrap());
            let (there, here) = (
                shared.usage(account, RecordedUse::default()).await,
                memory.usage(account, RecordedUse::default()).await,
            );
            assert_eq!(there, here, "{note}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_processes_at_once_never_overspend() {
    let (url, prefix, clock) = (
        shared_redis_url().await.unwrap(),
        redis_prefix(),
        TestClock::new(),
    );
    let payer = token();
    let mut takers = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let budget = process(&url, &prefix, &clock, limits(50, Some(120))).await;
        takers.spawn(async move {
            exhaust(&budget, payer, CallClass::Refresh, RecordedUse::default())
                .await
                .0
        });
    }

    assert_eq!(takers.join_all().await.into_iter().sum::<u32>(), 50);

    let other = process(&url, &prefix, &clock, limits(500, Some(120))).await;
    assert_eq!(
        exhaust(&other, token(), CallClass::Refresh, RecordedUse::default())
            .await
            .0,
        70
    );
}

#[tokio::test]
async fn shares_are_kept_back_from_the_schedule_of_tokens_and_app() {
    let (url, clock) = (shared_redis_url().await.unwrap(), TestClock::new());
    let budget = process(&url, &redis_prefix(), &clock, limits(20, Some(100))).await;
    let payer = token();
    let mut spent = Vec::new();
    for class in [CallClass::Sync, CallClass::Interactive, CallClass::Refresh] {
        spent.push(exhaust(&budget, payer, class, RecordedUse::default()).await.0);
    }
    assert_eq!(spent, [16, 2, 2]);

    while exhaust(&budget, token(), CallClass::Sync, RecordedUse::default())
        .await
        .0
        > 0
    {}
    assert_eq!(
        exhaust(&budget, token(), CallClass::Interactive, RecordedUse::default())
            .await
            .0,
        10
    );
    assert_eq!(
        exhaust(&budget, token(), CallClass::Refresh, RecordedUse::default())
            .await
            .0,
        10
    );
}

#[tokio::test]
async fn a_redis_that_comes_back_empty_gives_no_unit_twice() {
    let (server, clock) = (RedisServer::start().await.unwrap(), TestClock::new());
    let limits = limits(40, Some(60));
    let budget = process(&server.url(), "p", &clock, limits).await;
    let payer = token();
    let (spent, known) = exhaust(&budget, payer, CallClass::Interactive, RecordedUse::default()).await;
    assert_eq!(spent, 36);

    server.restart_empty().await.unwrap();
    wait_for_redis(&budget, &server.url(), &clock).await;

    assert_eq!(exhaust(&budget, payer, CallClass::Refresh, known).await.0, 4);
    assert_eq!(
        exhaust(&budget, token(), CallClass::Refresh, RecordedUse::default())
            .await
            .0,
        20,
        "of the app's 60 units 40 were spent"
    );
    clock.advance(Duration::from_mins(62));
    assert_eq!(exhaust(&budget, payer, CallClass::Refresh, known).await.0, 40);
}

#[tokio::test]
async fn what_every_process_knew_of_the_app_counts_after_redis_was_lost() {
    let (server, clock) = (RedisServer::start().await.unwrap(), TestClock::new());
    let limits = limits(500, Some(100));
    let (one, other) = (
        process(&server.url(), "p", &clock, limits).await,
        process(&server.url(), "p", &clock, limits).await,
    );
    for _ in 0..5 {
        other
            .reserve(token(), CallClass::Refresh, RecordedUse::default())
            .await;
    }
    for _ in 0..85 {
        one.reserve(token(), CallClass::Refresh, RecordedUse::default())
            .await;
    }
    clock.advance(Duration::from_secs(1));

    server.restart_empty().await.unwrap();
    wait_for_redis(&other, &server.url(), &clock).await;
    let first = other
        .reserve(token(), CallClass::Refresh, RecordedUse::default())
        .await;
    assert!(matches!(first, Reservation::Granted(_)));
    wait_for_redis(&one, &server.url(), &clock).await;

    let rest = exhaust(&one, token(), CallClass::Refresh, RecordedUse::default())
        .await
        .0;
    assert_eq!(rest, 9, "90 were spent before, and one after");
}

#[tokio::test]
async fn what_was_spent_without_redis_is_told_to_it_afterwards() {
    let (server, clock) = (RedisServer::start().await.unwrap(), TestClock::new());
    let limits = limits(40, Some(60));
    let (alone, other) = (
        process(&server.url(), "p", &clock, limits).await,
        process(&server.url(), "p", &clock, limits).await,
    );
    let payer = token();
    server.kill().await.unwrap();
    assert_eq!(
        exhaust(&alone, payer, CallClass::Refresh, RecordedUse::default())
            .await
            .0,
        10
    );

    server.restart_empty().await.unwrap();
    wait_for_redis(&alone, &server.url(), &clock).await;
    wait_for_redis(&other, &server.url(), &clock).await;
    let told = alone
        .reserve(payer, CallClass::Refresh, RecordedUse::default())
        .await;

    assert!(
        matches!(told, Reservation::Granted(charge) if charge.used == 11),
        "{told:?}"
    );
    assert_eq!(
        exhaust(&other, payer, CallClass::Refresh, RecordedUse::default())
            .await
            .0,
        29
    );
}

/// Waits until the budget of a process reads from Redis again what somebody else wrote there.
async fn wait_for_redis(budget: &SharedBudget, url: &str, clock: &TestClock) {
    let probe = AccountId::generate();
    let client = redis::Client::open(url).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let key = format!("{{p:budget}}:{}", probe.0.simple());
    let minute = clock.now().timestamp() / 60;
    let written: Result<i64, _> = redis::AsyncCommands::hset(&mut connection, key, minute, 1).await;
    written.unwrap();
    let found = vitrine_test_support::wait_until(Duration::from_secs(10), async || {
        budget.usage(probe, RecordedUse::default()).await != BudgetUse::default()
    });
    found.await.unwrap();
}

#[tokio::test]
async fn without_redis_a_process_works_on_with_a_quarter() {
    let (server, clock) = (RedisServer::start().await.unwrap(), TestClock::new());
    let budget = process(&server.url(), "p", &clock, limits(200, Some(400))).await;
    let payer = token();
    let known = RecordedUse {
        used: 30,
        at: Some(clock.now() - chrono::TimeDelta::minutes(1)),
    };

    server.kill().await.unwrap();
    let asked = Instant::now();
    assert_eq!(
        exhaust(&budget, payer, CallClass::Refresh, known).await.0,
        20,
        "30 of the 50 are known to be spent"
    );
    assert_eq!(
        exhaust(&budget, token(), CallClass::Refresh, RecordedUse::default())
            .await
            .0,
        50
    );
    assert_eq!(
        exhaust(&budget, token(), CallClass::Refresh, RecordedUse::default())
            .await
            .0,
        30,
        "of the app's 100"
    );
    assert!(asked.elapsed() < Duration::from_secs(20), "{:?}", asked.elapsed());
}

#[tokio::test]
async fn a_stalled_redis_holds_nobody_up_for_long() {
    let (server, clock) = (RedisServer::start().await.unwrap(), TestClock::new());
    let budget = Arc::new(process(&server.url(), "p", &clock, limits(200, None)).await);
    server.pause(Duration::from_secs(30)).await.unwrap();

    let asked = Instant::now();
    for _ in 0..200 {
        let reserved = budget
            .reserve(token(), CallClass::Sync, RecordedUse::default())
            .await;
        assert!(matches!(reserved, Reservation::Granted(_)));
    }

    // One answer is waited for, and then now and then another behind the backs of the others.
    assert!(asked.elapsed() < Duration::from_secs(15), "{:?}", asked.elapsed());
}

#[tokio::test]
async fn scheduled_calls_are_thinned_out_as_the_platforms_limit_comes_close() {
    let (url, clock) = (shared_redis_url().await.unwrap(), TestClock::new());
    let budget = process(&url, &redis_prefix(), &clock, limits(200, None)).await;
    let granted = async |class| {
        let mut granted = 0;
        for _ in 0..400 {
            let reserved = budget.reserve(token(), class, RecordedUse::default()).await;
            granted += u32::from(matches!(reserved, Reservation::Granted(_)));
        }
        granted
    };
    assert_eq!(granted(CallClass::Sync).await, 400);

    budget.record_load(Payer::App, Load(90)).await;
    let thinned = granted(CallClass::Sync).await;
    assert!((100..220).contains(&thinned), "{thinned} of 400 at 90 %");
    assert_eq!(granted(CallClass::Refresh).await, 400);
    assert_eq!(granted(CallClass::Interactive).await, 400);

    budget.record_load(Payer::App, Load(40)).await;
    assert_eq!(granted(CallClass::Sync).await, 400);
}
