use super::*;
use std::sync::Arc;
use vitrine_base::{
    security::MasterKey,
    testing::{Bed, on_both_engines},
};
use vitrine_entity::UserId;
use vitrine_people::audit::Actor;

on_both_engines!(
    one_of_many_at_once_is_first,
    an_answer_is_repeated_for_a_day_and_kept_sealed,
    a_key_belongs_to_one_request_and_one_caller,
    a_run_that_was_lost_is_run_again,
    a_request_that_changed_nothing_frees_its_key,
);

fn service(bed: &Bed) -> Idempotency {
    let clock = Arc::new(bed.clock.clone());
    let ring = KeyRing::from_master_key(&MasterKey::from_bytes([5; 32]), clock.clone());
    Idempotency::new(bed.database.clone(), clock, &ring)
}

fn answer() -> StoredResponse {
    StoredResponse {
        status: 201,
        content_type: Some("application/json".to_owned()),
        location: None,
        body: b"{\"key\":\"swordfish\"}".to_vec(),
        role: None,
    }
}

fn key() -> CallerKey {
    CallerKey::of(Actor::Person(UserId::generate()), "order-1")
}

async fn first(
    service: &Idempotency,
    tenant: TenantId,
    key: &CallerKey,
    request: &RequestDigest,
) -> Reservation {
    match service.begin(tenant, key, request).await.unwrap() {
        KeyState::First(reservation) => reservation,
        other => panic!("{other:?}"),
    }
}

async fn one_of_many_at_once_is_first(bed: Bed) {
    let (service, tenant, key) = (service(&bed), bed.tenant().await, key());
    let request = service.digest(&[b"POST"]);

    let standings = futures::future::join_all((0..8).map(|_| service.begin(tenant, &key, &request))).await;

    let firsts = standings
        .iter()
        .filter(|key_state| matches!(key_state.as_ref().unwrap(), KeyState::First(_)))
        .count();
    let running = standings
        .iter()
        .filter(|key_state| matches!(key_state.as_ref().unwrap(), KeyState::Running))
        .count();
    assert_eq!((firsts, running), (1, 7));
}

async fn an_answer_is_repeated_for_a_day_and_kept_sealed(bed: Bed) {
    let (service, tenant, key) = (service(&bed), bed.tenant().await, key());
    let request = service.digest(&[b"POST"]);
    let reservation = first(&service, tenant, &key, &request).await;
    service.keep(&reservation, &answer()).await.unwrap();

    let again = service.begin(tenant, &key, &request).await.unwrap();
    assert!(matches!(again, KeyState::Answered(kept) if kept == answer()));
    let row = idempotency::Entity::of(tenant)
        .one(bed.database.connection())
        .await
        .unwrap()
        .unwrap();
    let body = row.body.unwrap();
    assert!(!body.windows(9).any(|part| part == b"swordfish"));

    bed.clock.advance(KEPT);
    assert_eq!(
        service.prune(10).await.unwrap(),
        0,
        "a day is not over at its last moment"
    );
    bed.clock.advance(Duration::from_secs(1));
    assert_eq!(service.prune(10).await.unwrap(), 1);
    first(&service, tenant, &key, &request).await;
}

async fn a_key_belongs_to_one_request_and_one_caller(bed: Bed) {
    let (service, tenant, key) = (service(&bed), bed.tenant().await, key());
    let request = service.digest(&[b"POST", b"a"]);
    let reservation = first(&service, tenant, &key, &request).await;
    service.keep(&reservation, &answer()).await.unwrap();

    let other = service
        .begin(tenant, &key, &service.digest(&[b"POSTa"]))
        .await
        .unwrap();

    assert!(matches!(other, KeyState::Reused));
    let another = CallerKey::of(Actor::Person(UserId::generate()), "order-1");
    first(&service, tenant, &another, &request).await;
    first(&service, bed.tenant().await, &key, &request).await;
}

async fn a_run_that_was_lost_is_run_again(bed: Bed) {
    let (service, tenant, key) = (service(&bed), bed.tenant().await, key());
    let request = service.digest(&[b"POST"]);
    let lost = first(&service, tenant, &key, &request).await;
    bed.clock.advance(LONGEST_RUN);
    assert!(matches!(
        service.begin(tenant, &key, &request).await.unwrap(),
        KeyState::Running
    ));
    bed.clock.advance(Duration::from_secs(1));

    let second = first(&service, tenant, &key, &request).await;
    service.keep(&lost, &answer()).await.unwrap();

    assert!(matches!(
        service.begin(tenant, &key, &request).await.unwrap(),
        KeyState::Running
    ));
    service.keep(&second, &answer()).await.unwrap();
    assert!(matches!(
        service.begin(tenant, &key, &request).await.unwrap(),
        KeyState::Answered(_)
    ));
}

async fn a_request_that_changed_nothing_frees_its_key(bed: Bed) {
    let (service, tenant, key) = (service(&bed), bed.tenant().await, key());
    let reservation = first(&service, tenant, &key, &service.digest(&[b"a"])).await;

    service.forget(&reservation).await.unwrap();

    first(&service, tenant, &key, &service.digest(&[b"b"])).await;
}
