use super::*;
use crate::tenants::{TaskRunner, TenantDeleter, TenantTasks};
use chrono::TimeDelta;
use sea_orm::PaginatorTrait;
use std::{sync::Arc, time::Duration};
use vitrine_base::{
    database::SafeTime,
    security::{KeyRing, MasterKey},
    testing::{Bed, WrongClock, on_both_engines},
};
use vitrine_entity::{InstallationOwned, api_key::KeyKind, tenant};
use vitrine_feeds::{
    ChangeEvents,
    keys::{ApiKeys, NewApiKey, Scope},
};
use vitrine_people::{
    identity::ClientInfo,
    testing::{WithPeople, ada},
};

on_both_engines!(
    a_clock_that_is_ahead_ends_no_grace,
    a_deletion_that_has_begun_goes_on_under_a_wrong_clock,
    what_was_ordered_at_once_waits_for_no_clock,
    an_order_ends_sign_ins_and_keys_itself,
);

const GRACE: Duration = Duration::from_hours(7 * 24);

fn ring(clock: SharedClock) -> KeyRing {
    KeyRing::from_master_key(&MasterKey::from_bytes([1; 32]), clock)
}

fn tasks(bed: &Bed) -> TenantTasks {
    let clock: SharedClock = Arc::new(bed.clock.clone());
    TenantTasks::new(bed.database.clone(), clock.clone(), &ring(clock), GRACE)
}

/// A worker in a process of its own, on a machine whose clock is nine days ahead of the record.
async fn wrong_worker(bed: &Bed) -> TaskRunner {
    let right = SafeTime::new(bed.database.clone(), Arc::new(bed.clock.clone()));
    right.now().await.unwrap();
    let clock: SharedClock = Arc::new(WrongClock::ahead_by(TimeDelta::days(9)));
    let database = Database::connect(&bed.settings).await.unwrap();
    let eraser = TenantDeleter::new(database.clone(), clock.clone(), ChangeEvents::in_process());
    TaskRunner::new(database, clock.clone(), &ring(clock), eraser)
}

async fn is_there(bed: &Bed, tenant: TenantId) -> bool {
    let row = tenant::Entity::row(tenant).one(bed.database.connection());
    row.await.unwrap().is_some()
}

async fn a_clock_that_is_ahead_ends_no_grace(bed: Bed) {
    let tenant = bed.tenant().await;
    tasks(&bed).request_deletion(tenant).await.unwrap();

    let worker = wrong_worker(&bed).await;
    let wrong: SharedClock = Arc::new(WrongClock::ahead_by(TimeDelta::days(9)));
    let asked_there = TenantTasks::new(bed.database.clone(), wrong.clone(), &ring(wrong), GRACE);
    asked_there.request_deletion(bed.tenant().await).await.unwrap();

    let done = worker.run_due().await.unwrap();

    assert!(!done && is_there(&bed, tenant).await);
    assert!(!is_deletion_due(&bed.database, tenant, bed.now()).await.unwrap());
}

async fn a_deletion_that_has_begun_goes_on_under_a_wrong_clock(bed: Bed) {
    let tenant = bed.tenant().await;
    let asked = tasks(&bed).request_deletion(tenant).await.unwrap();
    tenant_task::Entity::update_of(tenant)
        .col_expr(Column::Attempts, Expr::value(1))
        .filter(Column::Id.eq(asked.id))
        .exec(bed.database.connection())
        .await
        .unwrap();

    assert!(wrong_worker(&bed).await.run_due().await.unwrap());

    assert!(!is_there(&bed, tenant).await);
}

async fn what_was_ordered_at_once_waits_for_no_clock(bed: Bed) {
    let (ordered, waiting) = (bed.tenant().await, bed.tenant().await);
    tasks(&bed).request_deletion(waiting).await.unwrap();
    let worker = wrong_worker(&bed).await;
    // The record stays days behind: as after a pause of the service.
    let clock: SharedClock = Arc::new(WrongClock::ahead_by(TimeDelta::days(8)));
    let operator = OperatorDeletions::new(bed.database.clone(), clock);
    for tenant in [ordered, waiting] {
        operator.delete_at_once(tenant).await.unwrap();
        assert!(
            is_deletion_due(&bed.database, tenant, operator.clock.now())
                .await
                .unwrap()
        );
    }

    while worker.run_due().await.unwrap() {}

    assert!(!is_there(&bed, ordered).await && !is_there(&bed, waiting).await);
}

async fn an_order_ends_sign_ins_and_keys_itself(bed: Bed) {
    let clock: SharedClock = Arc::new(bed.clock.clone());
    let ada = bed
        .identity()
        .registration
        .register(ada(), ClientInfo::default())
        .await
        .unwrap();
    let master = MasterKey::from_bytes([1; 32]);
    let (keys, following) = ApiKeys::new(
        bed.database.clone(),
        clock.clone(),
        &master,
        ChangeEvents::in_process(),
    );
    tokio::spawn(following);
    let wanted = NewApiKey {
        name: "site".to_owned(),
        kind: KeyKind::Publishable,
        scopes: vec![Scope::FeedsRead],
        allowed_origins: Vec::new(),
        expires_at: None,
    };
    keys.create(ada.tenant.id, None, wanted).await.unwrap();
    let open = async || {
        let sessions = session::Entity::of(ada.tenant.id).filter(session::Column::RevokedAt.is_null());
        let keys = api_key::Entity::of(ada.tenant.id).filter(api_key::Column::RevokedAt.is_null());
        let connection = bed.database.connection();
        (
            sessions.count(connection).await.unwrap(),
            keys.count(connection).await.unwrap(),
        )
    };
    assert_eq!(open().await, (1, 1));

    let operator = OperatorDeletions::new(bed.database.clone(), clock.clone());
    operator.delete_at_once(ada.tenant.id).await.unwrap();

    assert_eq!(open().await, (0, 0));
}
