//! How many tries are taken.

use super::*;
use std::time::Duration;
use vitrine_base::clock::{Clock, TestClock};

fn attempt(network: &str, email: &str, known: bool) -> Attempt {
    Attempt {
        network: Some(network.to_owned()),
        email: email.to_owned(),
        known,
    }
}

async fn failures(throttle: &Throttle, wanted: &Attempt, now: Time) -> usize {
    let mut failed = 0;
    while throttle.begin(wanted, now).await.is_ok() {
        failed += 1;
    }
    failed
}

#[tokio::test]
async fn strangers_cannot_keep_an_owner_out() {
    let (throttle, clock) = (Throttle::default(), TestClock::new());
    for network in 0..20 {
        let stranger = attempt(&format!("botnet {network}"), "ada", false);
        failures(&throttle, &stranger, clock.now()).await;
    }
    let late = attempt("one more", "ada", false);
    assert!(throttle.begin(&late, clock.now()).await.is_err());

    assert!(
        throttle
            .begin(&attempt("home", "ada", true), clock.now())
            .await
            .is_ok()
    );
    assert!(
        throttle
            .begin(&attempt("botnet 0", "bob", false), clock.now())
            .await
            .is_ok()
    );

    clock.advance(Duration::from_mins(15));
    assert!(throttle.begin(&late, clock.now()).await.is_ok());
}

#[tokio::test]
async fn a_network_is_bounded_whoever_is_tried() {
    let (throttle, now) = (Throttle::default(), TestClock::new().now());
    let mut failed = 0;
    for person in 0..10 {
        failed += failures(&throttle, &attempt("one", &person.to_string(), false), now).await;
    }

    assert_eq!(failed, 50);
}

#[tokio::test]
async fn neighbours_do_not_keep_an_owner_out_at_home() {
    let (throttle, now) = (Throttle::default(), TestClock::new().now());
    for person in 0..10 {
        failures(&throttle, &attempt("home", &person.to_string(), false), now).await;
    }
    assert!(throttle.begin(&attempt("home", "eve", false), now).await.is_err());

    assert_eq!(failures(&throttle, &attempt("home", "ada", true), now).await, 20);
}

#[tokio::test]
async fn a_network_registers_so_often_in_an_hour() {
    let (throttle, clock) = (Throttle::default(), TestClock::new());
    let register = async |network: &str| throttle.begin_registration(network, 3, clock.now()).await;
    for _ in 0..3 {
        register("one").await.unwrap();
    }

    let Err(IdentityError::TooManyRegistrations(bound)) = register("one").await else {
        panic!("it was counted as one of three")
    };
    assert_eq!((bound.most, bound.window), (3, Duration::from_hours(1)));
    assert!(bound.until > clock.now());
    throttle.refund(register("another").await.unwrap()).await;
    clock.advance(Duration::from_hours(1));
    register("one").await.unwrap();
}

#[tokio::test]
async fn a_person_signs_in_so_often_in_a_day() {
    let (throttle, clock) = (Throttle::default(), TestClock::new());
    for _ in 0..SIGN_INS_A_DAY {
        throttle.begin_sign_in("ada", clock.now()).await.unwrap();
    }

    assert!(throttle.begin_sign_in("ada", clock.now()).await.is_err());
    throttle.begin_sign_in("bob", clock.now()).await.unwrap();
    clock.advance(Duration::from_hours(24));
    throttle.begin_sign_in("ada", clock.now()).await.unwrap();
}

#[tokio::test]
async fn what_succeeds_does_not_count() {
    let (throttle, now) = (Throttle::default(), TestClock::new().now());
    for _ in 0..100 {
        let counted = throttle.begin(&attempt("home", "ada", false), now).await.unwrap();
        throttle.refund(counted).await;
    }

    assert_eq!(failures(&throttle, &attempt("home", "ada", false), now).await, 10);
}
