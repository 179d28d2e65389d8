use super::*;
use crate::testing::{Bed, on_both_engines};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, DbBackend, IntoActiveModel, Statement};
use std::sync::Arc;
use vitrine_test_support::wait_until;

on_both_engines!(
    only_who_still_consents_is_taken_back,
    one_person_in_many_tenants_is_no_incident,
    many_people_of_one_owner_are_no_incident_while_there_are_others,
    many_people_of_independent_tenants_are_one,
);

fn incidents(bed: &Bed) -> Incidents {
    let clock = Arc::new(bed.clock.clone());
    let breaker = Breaker::new(bed.database.clone(), clock.clone());
    Incidents::new(bed.database.clone(), clock, breaker)
}

/// An account of a run that ended after the person had removed the app: it says what the run met.
async fn account_in_trouble(bed: &Bed, tenant: TenantId) -> AccountId {
    account_of(bed, tenant, &AccountId::generate().0.to_string())
        .await
        .id
}

async fn account_of(bed: &Bed, tenant: TenantId, person: &str) -> account::Model {
    let row = account::ActiveModel {
        id: Set(AccountId::generate()),
        tenant_id: Set(tenant),
        platform_user_id: Set(person.to_owned()),
        status: Set(AccountStatus::NeedsReconnect),
        status_reason: Set(Some("app_removed".to_owned())),
        sync_error: Set(Some(trouble()[0].to_owned())),
        sync_failures: Set(1),
        created_at: Set(bed.now()),
        updated_at: Set(bed.now()),
        ..Default::default()
    };
    row.insert(bed.database.connection()).await.unwrap()
}

/// What becomes of the last of nine accounts in trouble, each of a tenant and a person that are named by number.
async fn is_incident(bed: &Bed, person: impl Fn(usize) -> usize, owner: impl Fn(usize) -> usize) -> bool {
    let owners = [bed.user().await, bed.user().await, bed.user().await];
    let mut last = None;
    for number in 0..9 {
        let tenant = bed.tenant().await;
        bed.joins(owners[owner(number)], tenant).await;
        last = Some(account_of(bed, tenant, &person(number).to_string()).await);
    }
    let checked = incidents(bed).check(&last.unwrap(), trouble()[0]).await;
    assert!(
        matches!(checked, Ok(()) | Err(RunError::Later { .. })),
        "{checked:?}"
    );
    checked.is_err()
}

async fn one_person_in_many_tenants_is_no_incident(bed: Bed) {
    assert!(!is_incident(&bed, |_| 1, |number| number % 3).await);
}

async fn many_people_of_one_owner_are_no_incident_while_there_are_others(bed: Bed) {
    let healthy = account_of(&bed, bed.tenant().await, "healthy").await;
    let mut healthy = healthy.into_active_model();
    healthy.sync_error = Set(None);
    healthy.update(bed.database.connection()).await.unwrap();

    assert!(!is_incident(&bed, |number| number, |_| 0).await);
}

async fn many_people_of_independent_tenants_are_one(bed: Bed) {
    assert!(is_incident(&bed, |number| number, |number| number % 3).await);
}

async fn give_token(bed: &Bed, tenant: TenantId, account: AccountId) {
    let row = account_token::ActiveModel {
        account_id: Set(account),
        tenant_id: Set(tenant),
        ciphertext: Set(vec![1]),
        key_id: Set("key".to_owned()),
        issued_at: Set(bed.now()),
        expires_at: Set(bed.now() + TimeDelta::days(60)),
        expiry_assumed: Set(false),
        app_proved: Set(Some(true)),
        refreshed_at: Set(None),
        next_refresh_at: Set(None),
        refresh_lease_id: Set(None),
        refresh_lease_until: Set(None),
        failures: Set(0),
        last_error: Set(None),
    };
    row.insert(bed.database.connection()).await.unwrap();
}

async fn status(bed: &Bed, account: AccountId) -> AccountStatus {
    let row = account::Entity::find_by_id(account).one(bed.database.connection());
    row.await.unwrap().unwrap().status
}

async fn only_who_still_consents_is_taken_back(bed: Bed) {
    let (incidents, tenant) = (incidents(&bed), bed.tenant().await);
    let (with, without) = (
        account_in_trouble(&bed, tenant).await,
        account_in_trouble(&bed, tenant).await,
    );
    give_token(&bed, tenant, with).await;

    let since = bed.now() - TimeDelta::hours(1);
    let taken_back = incidents.take_back(since, bed.now()).await.unwrap();

    assert_eq!(taken_back, 1);
    assert_eq!(status(&bed, with).await, AccountStatus::Active);
    assert_eq!(status(&bed, without).await, AccountStatus::NeedsReconnect);
}

#[tokio::test]
async fn whoever_removes_the_app_at_that_moment_is_not_taken_back() {
    let bed = Bed::postgres().await;
    let (incidents, tenant) = (incidents(&bed), bed.tenant().await);
    let account = account_in_trouble(&bed, tenant).await;
    give_token(&bed, tenant, account).await;
    let removing = bed.database.begin_write().await.unwrap();
    let token = account_token::Entity::delete_by_id(account);
    token.exec(&removing).await.unwrap();

    let since = bed.now() - TimeDelta::hours(1);
    let taking_back = incidents.take_back(since, bed.now());
    let committing = async {
        let sql =
            "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
        let waiting = wait_until(Duration::from_secs(10), async || {
            let statement = Statement::from_string(DbBackend::Postgres, sql);
            let rows = bed.database.connection().query_all_raw(statement).await;
            !rows.unwrap().is_empty()
        });
        waiting.await.unwrap();
        removing.commit().await.unwrap();
    };
    let (taken_back, ()) = futures::join!(taking_back, committing);

    assert_eq!(taken_back.unwrap(), 0);
    assert_eq!(status(&bed, account).await, AccountStatus::NeedsReconnect);
}
