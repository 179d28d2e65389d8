//! What an hour holds, forgets and believes.

use super::*;
use vitrine_base::clock::{Clock, TestClock, until};

fn known(used: u32, at: Time) -> RecordedUse {
    RecordedUse { used, at: Some(at) }
}

#[test]
fn an_hour_holds_its_units_and_no_more() {
    let clock = TestClock::new();
    let mut hour = RollingHour::default();

    for _ in 0..3 {
        assert_eq!(hour.free_from(3), None);
        hour.take(clock.now());
    }

    let free = hour.free_from(3).unwrap();
    assert!(until(clock.now(), free) > WINDOW - Duration::from_secs(1));
    clock.set(free);
    hour.tidy(clock.now());
    assert_eq!(hour.free_from(3), None);
}

#[test]
fn a_clock_that_jumps_back_gives_no_units_away_and_keeps_none_for_ever() {
    let clock = TestClock::new();
    let mut hour = RollingHour::default();
    hour.take(clock.now());

    clock.set(clock.now() - chrono::TimeDelta::days(30));
    hour.tidy(clock.now());
    hour.take(clock.now());

    assert_eq!(hour.usage().used, 2);
    clock.advance(WINDOW + 2 * MINUTE);
    assert!(hour.is_idle(clock.now()));
}

#[test]
fn what_was_counted_elsewhere_is_believed_once() {
    let clock = TestClock::new();
    let mut hour = RollingHour::default();
    let told = known(7, clock.now());

    clock.advance(Duration::from_mins(1));
    hour.learn(told, clock.now());
    hour.learn(told, clock.now());
    assert_eq!(hour.usage().used, 7);

    hour.take(clock.now());
    hour.learn(told, clock.now());
    assert_eq!(hour.usage().used, 8);
}

#[test]
fn what_others_knew_before_a_book_was_begun_counts_beside_what_is_in_it() {
    let clock = TestClock::new();
    let mut hour = RollingHour::default();
    let (little, much) = (known(5, clock.now()), known(90, clock.now()));
    clock.advance(Duration::from_mins(1));

    hour.learn(little, clock.now());
    hour.take(clock.now());
    hour.learn(much, clock.now());
    hour.learn(little, clock.now());

    assert_eq!(hour.usage().used, 91);
}

#[test]
fn what_was_counted_long_ago_is_no_news() {
    let clock = TestClock::new();
    let mut hour = RollingHour::default();
    let told = known(7, clock.now());

    clock.advance(WINDOW + 2 * MINUTE);
    hour.learn(told, clock.now());

    assert_eq!(hour.usage().used, 0);
}

#[test]
fn a_unit_that_was_not_spent_is_free_again() {
    let clock = TestClock::new();
    let mut hour = RollingHour::default();
    hour.take(clock.now());

    hour.give_back(clock.now());
    hour.give_back(clock.now());

    assert_eq!(hour.usage().used, 0);
}
