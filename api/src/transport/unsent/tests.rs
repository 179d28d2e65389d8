use super::*;
use crate::transport::{
    TrustedProxies,
    connection_limits::{ConnectionCounter, ConnectionLimits},
    thread_connections::Connections,
    thread_registry::ThreadRegistry,
    timeouts::Timeouts,
};
use actix_web::body::to_bytes;
use std::{num::NonZeroUsize, time::Duration};

const FEW: Limits = Limits {
    in_all: 10,
    per_network: 6,
};

fn network(number: u8) -> Option<IpAddr> {
    Some([203, 0, 113, number].into())
}

fn body(length: usize) -> Bytes {
    vec![7; length].into()
}

#[test]
fn what_many_are_sent_counts_once_and_until_the_last_has_it() {
    let (unsent, shared) = (Unsent::default(), body(6));
    let mut readers: Vec<_> = (0..100)
        .map(|_| unsent.hold(shared.clone(), network(1), FEW).unwrap())
        .collect();
    assert_eq!(unsent.counts().all.bytes, 6);

    readers.truncate(1);
    assert_eq!(unsent.hold(body(6), None, FEW).unwrap_err(), TooMuch::InAll);
    readers.clear();

    assert_eq!(unsent.counts().all.bytes, 0);
    assert!(unsent.counts().by_network.is_empty());
    let _fits = unsent.hold(body(6), None, FEW).unwrap();
}

#[test]
fn one_network_leaves_room_for_others() {
    let unsent = Unsent::default();
    let _first = unsent.hold(body(4), network(1), FEW).unwrap();

    let second = unsent.hold(body(4), network(1), FEW).unwrap_err();
    let _elsewhere = unsent.hold(body(4), network(2), FEW).unwrap();

    assert_eq!(second, TooMuch::ThereAlone);
    assert_eq!(unsent.counts().all.bytes, 8);
}

#[test]
fn a_body_that_is_larger_than_the_bound_is_sent_alone() {
    let unsent = Unsent::default();
    let large = unsent.hold(body(11), network(1), FEW).unwrap();
    assert_eq!(unsent.hold(body(1), None, FEW).unwrap_err(), TooMuch::InAll);

    drop(large);

    let _fits = unsent.hold(body(1), None, FEW).unwrap();
}

#[actix_web::test]
async fn a_long_body_is_sent_whole_and_counted_no_longer_than_it_is_there() {
    let (unsent, whole) = (Unsent::default(), body(LONGEST_WHOLE + 1));

    let sent = unsent.admit(BoxBody::new(whole.clone()), None).unwrap();
    assert_eq!(unsent.counts().all.bytes, whole.len());

    assert_eq!(to_bytes(sent).await.unwrap(), whole);
    assert_eq!(unsent.counts().all.bytes, 0);
}

#[actix_web::test]
async fn a_short_body_is_let_through() {
    let unsent = Unsent::default();

    let _sent = unsent.admit(BoxBody::new(body(LONGEST_WHOLE)), None).unwrap();

    assert_eq!(unsent.counts().all.bytes, 0);
}

/// A connection of such a network.
fn line(number: u8) -> Rc<Connection> {
    let (most, long) = (NonZeroUsize::MAX, Duration::from_mins(1));
    let limits = ConnectionLimits {
        in_all: most,
        per_network: most,
    };
    let timeouts = Timeouts {
        head: long,
        writing: long,
        idle: long,
        idle_when_crowded: long,
    };
    let counter = ConnectionCounter::new(limits, TrustedProxies::default());
    let place = counter.enter(network(number).unwrap()).unwrap();
    Connections::new(timeouts, ThreadRegistry::default()).open(place)
}

#[actix_web::test]
async fn no_network_alone_keeps_long_answers_from_others() {
    let (unsent, one, other) = (Unsent::default(), line(1), line(2));
    let admit = |line, mebibytes: usize| {
        let body = BoxBody::new(body(mebibytes * 1024 * 1024));
        unsent.admit(body, Some(line))
    };

    let _unread = admit(&one, 16).unwrap();

    assert!(admit(&one, 1).is_none());
    assert!(admit(&other, 1).is_some());
}
