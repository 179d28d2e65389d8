use super::*;
use crate::{
    clock::{Clock, SystemClock},
    testing::{Bed, WrongClock, on_both_engines},
};
use sea_orm::{ColumnTrait, QueryFilter};

on_both_engines!(
    a_clock_that_was_moved_on_purpose_is_believed,
    a_clock_that_is_days_ahead_is_not_believed,
    a_record_goes_on_with_measured_time_and_never_back,
    a_start_is_never_earlier_than_what_it_is_measured_by,
    no_clock_that_is_wrong_moves_the_record,
);

/// One that knows nothing yet.
fn of_another_process(bed: &Bed, clock: SharedClock) -> SafeTime {
    SafeTime {
        known: Arc::default(),
        ..SafeTime::new(bed.database.clone(), clock)
    }
}

async fn a_clock_that_was_moved_on_purpose_is_believed(bed: Bed) {
    let safe = SafeTime::new(bed.database.clone(), Arc::new(bed.clock.clone()));
    assert_eq!(safe.now().await.unwrap(), bed.now());

    bed.clock.advance(Duration::from_hours(40 * 24));

    assert_eq!(safe.now().await.unwrap(), bed.now());
}

async fn a_clock_that_is_days_ahead_is_not_believed(bed: Bed) {
    let right = SafeTime::new(bed.database.clone(), Arc::new(SystemClock));
    let before = right.now().await.unwrap();

    let wrong = of_another_process(&bed, Arc::new(WrongClock::ahead_by(TimeDelta::days(9))));

    let safe = wrong.now().await.unwrap();
    assert!(safe - before < TimeDelta::minutes(5), "{before} {safe}");
}

/// The record as it lies in the database.
async fn record(bed: &Bed) -> Time {
    let row = Entity::row(SAFE_TIME).one(bed.database.connection());
    row.await.unwrap().unwrap().value.parse().unwrap()
}

async fn set_record(bed: &Bed, moment: Time) {
    let text = moment.to_rfc3339_opts(SecondsFormat::Micros, true);
    Entity::update_rows()
        .col_expr(Column::Value, Expr::value(text))
        .filter(Column::Name.eq(SAFE_TIME))
        .exec(bed.database.connection())
        .await
        .unwrap();
}

async fn a_record_goes_on_with_measured_time_and_never_back(bed: Bed) {
    let clock: SharedClock = Arc::new(SystemClock);
    SafeTime::new(bed.database.clone(), clock.clone())
        .now()
        .await
        .unwrap();
    let yesterday = SystemClock.now() - TimeDelta::days(1);
    set_record(&bed, yesterday).await;

    let after_a_day_off = of_another_process(&bed, clock);
    let safe = after_a_day_off.now().await.unwrap();

    assert!(
        safe >= yesterday && safe - yesterday < TimeDelta::minutes(5),
        "{yesterday} {safe}"
    );
    assert!(record(&bed).await >= yesterday);
}

async fn a_start_is_never_earlier_than_what_it_is_measured_by(bed: Bed) {
    let right = SafeTime::new(bed.database.clone(), Arc::new(SystemClock));
    right.now().await.unwrap();
    for days in [-8, 8] {
        let wrong = WrongClock::ahead_by(TimeDelta::days(days));
        let start = SafeTime::new(bed.database.clone(), Arc::new(wrong)).start().await;

        let behind = right.now().await.unwrap() - start.unwrap();

        assert!(behind < TimeDelta::minutes(1), "{days} {behind}");
    }
}

async fn no_clock_that_is_wrong_moves_the_record(bed: Bed) {
    let right = SafeTime::new(bed.database.clone(), Arc::new(SystemClock));
    right.now().await.unwrap();
    let before = record(&bed).await;
    for days in [-9, 9] {
        let wrong = of_another_process(&bed, Arc::new(WrongClock::ahead_by(TimeDelta::days(days))));

        wrong.now().await.unwrap();

        let moved = record(&bed).await - before;
        assert!(
            moved >= TimeDelta::zero() && moved < TimeDelta::minutes(5),
            "{days} {moved}"
        );
    }
}

#[tokio::test]
async fn neither_a_clock_nor_a_record_is_believed_beyond_the_database() {
    let bed = Bed::postgres().await;
    let right = SafeTime::new(bed.database.clone(), Arc::new(SystemClock));
    right.now().await.unwrap();
    set_record(&bed, SystemClock.now() + TimeDelta::days(9)).await;
    let wrong = of_another_process(&bed, Arc::new(WrongClock::ahead_by(TimeDelta::days(9))));

    let ahead = wrong.now().await.unwrap() - SystemClock.now();

    assert!(ahead < TimeDelta::minutes(5), "{ahead}");
}

#[tokio::test]
async fn a_start_is_by_the_clock_of_the_database_where_this_one_is_ahead() {
    let bed = Bed::postgres().await;
    let wrong = of_another_process(&bed, Arc::new(WrongClock::ahead_by(TimeDelta::days(8))));

    let ahead = wrong.start().await.unwrap() - SystemClock.now();

    assert!(ahead < TimeDelta::minutes(5), "{ahead}");
}

#[tokio::test]
async fn clocks_of_one_machine_are_one_witness() {
    let bed = Bed::postgres().await;
    let here = of_another_process(&bed, Arc::new(SystemClock));
    let elsewhere = of_another_process(&bed, Arc::new(WrongClock::ahead_by(TimeDelta::seconds(1))));

    here.now().await.unwrap();
    elsewhere.now().await.unwrap();

    assert_eq!(here.clock_source(), ClockSource::Alone);
    assert_eq!(elsewhere.clock_source(), ClockSource::Another);
}

/// What the record says an hour after it was a week behind the database's clock.
fn after_an_hour(witness: ClockSource) -> TimeDelta {
    let (begun, record) = (Instant::now(), SystemClock.now());
    let there = record + TimeDelta::days(7);
    let later = Record::new(record, begun).advance(begun + Duration::from_hours(1), there, witness);
    later - record
}

#[test]
fn a_clock_alone_moves_the_record_hardly_faster_than_time() {
    assert_eq!(after_an_hour(ClockSource::Alone), TimeDelta::seconds(3_636));
    assert_eq!(after_an_hour(ClockSource::Another), TimeDelta::hours(2));
}

#[test]
fn a_record_runs_ahead_of_no_clock_that_jumps_later() {
    let (begun, right) = (Instant::now(), SystemClock.now());
    let mut record = Record::new(right, begun);
    let week = Duration::from_hours(7 * 24);

    let after_a_week = record.advance(begun + week, right + week, ClockSource::Another);

    assert_eq!(after_a_week, right + week);
}

#[test]
fn a_pause_is_told_apart_from_a_clock_that_moved() {
    let now = SystemClock.now();
    let begun = Begun {
        record: Mutex::new(Record::new(now - TimeDelta::days(1), Instant::now())),
        here: now,
        at: Instant::now(),
    };
    let later = now + TimeDelta::minutes(10);

    assert_eq!(begun.doubt(now, now), Doubt::SinceTheStart, "off for a day");
    assert_eq!(begun.doubt(later, later), Doubt::Ahead, "set forward");
    assert_eq!(
        begun.doubt(now, now - TimeDelta::minutes(10)),
        Doubt::Ahead,
        "the database disagrees"
    );
}
