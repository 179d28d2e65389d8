use crate::incidents::{breaker::Admission, incident::*, probe_candidates::ProbeCandidate};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ConnectionTrait, DbBackend, IntoActiveModel, Statement,
    sea_query::Expr,
};
use std::sync::Arc;
use vitrine_base::testing::{Bed, on_both_engines};
use vitrine_entity::{InstallationOwned, TenantOwned, account::AccountStatus, account_token, incident};
use vitrine_test_support::wait_until;

on_both_engines!(
    only_who_still_consents_is_taken_back,
    one_person_in_many_tenants_is_no_incident,
    many_people_of_one_owner_are_no_incident_while_there_are_others,
    many_people_of_independent_tenants_are_one,
    one_more_owner_in_trouble_is_no_incident_while_others_are_read,
    what_is_read_of_the_largest_group_hides_nothing,
    an_incident_has_more_people_refused_than_read,
    pasted_tokens_that_die_close_nobody,
    pasted_tokens_that_die_together_are_not_marked,
    whoever_made_an_incident_does_not_probe_while_others_can,
    one_owners_failed_probes_count_once,
    one_persons_failed_probes_count_once,
    a_pasted_token_ends_no_incident,
);

fn breaker(bed: &Bed) -> Breaker {
    Breaker::new(bed.database.clone(), Arc::new(bed.clock.clone()))
}

fn incidents(bed: &Bed) -> Incidents {
    Incidents::new(bed.database.clone(), Arc::new(bed.clock.clone()), breaker(bed))
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
        sync_error: Set(Some(TROUBLE[0].to_string())),
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
        let account = account_of(bed, tenant, &person(number).to_string()).await;
        give_token(bed, tenant, account.id, Proof::OfApp).await;
        last = Some(account);
    }
    is_one(bed, &last.unwrap(), Proof::OfApp).await
}

async fn is_one(bed: &Bed, account: &account::Model, proof: Proof) -> bool {
    let wait = incidents(bed).check(account, proof, TROUBLE[0]).await;
    wait.unwrap().is_some()
}

/// So many accounts in trouble of one more owner.
async fn dead_of_one_owner(bed: &Bed, proof: Proof, count: usize) -> Vec<account::Model> {
    let (mut dead, tenant) = (Vec::new(), bed.tenant().await);
    bed.joins(bed.user().await, tenant).await;
    for _ in 0..count {
        let account = account_of(bed, tenant, &AccountId::generate().to_string()).await;
        give_token(bed, tenant, account.id, proof).await;
        dead.push(account);
    }
    dead
}

/// Accounts in trouble of two owners who have nothing to do with each other.
async fn dead(bed: &Bed, proof: Proof) -> Vec<account::Model> {
    let mut dead = dead_of_one_owner(bed, proof, 6).await;
    dead.extend(dead_of_one_owner(bed, proof, 6).await);
    dead
}

/// An account that lives and is about to take its turn.
async fn healthy(bed: &Bed, tenant: TenantId) -> account::Model {
    healthy_of(bed, tenant, &AccountId::generate().to_string()).await
}

async fn healthy_of(bed: &Bed, tenant: TenantId, person: &str) -> account::Model {
    let account = account_of(bed, tenant, person).await;
    give_token(bed, tenant, account.id, Proof::OfApp).await;
    let mut account = account.into_active_model();
    account.status = Set(AccountStatus::Active);
    account.sync_error = Set(None);
    account.next_sync_at = Set(Some(bed.now()));
    account.update(bed.database.connection()).await.unwrap()
}

/// An account that was read just now.
async fn read(bed: &Bed, tenant: TenantId) {
    let mut account = healthy(bed, tenant).await.into_active_model();
    account.synced_at = Set(Some(bed.now()));
    account.update(bed.database.connection()).await.unwrap();
}

async fn pasted_tokens_that_die_close_nobody(bed: Bed) {
    let dead = dead(&bed, Proof::None).await;

    assert!(!is_one(&bed, &dead[0], Proof::OfApp).await, "counted for the app");
    assert!(is_one(&bed, &dead[1], Proof::None).await);

    let witness = witness(&healthy(&bed, bed.tenant().await).await, Proof::OfApp);
    assert_eq!(breaker(&bed).admit(Some(witness)).await.unwrap(), Admission::Free);
}

async fn pasted_tokens_that_die_together_are_not_marked(bed: Bed) {
    let dead = dead(&bed, Proof::None).await;

    assert!(is_one(&bed, &dead[0], Proof::None).await);

    for account in &dead {
        assert_eq!(status(&bed, account.id).await, AccountStatus::Active);
    }
    assert!(is_one(&bed, &dead[0], Proof::None).await, "forgotten at once");
}

fn witness(account: &account::Model, proof: Proof) -> ProbeCandidate {
    let tenant = account.tenant_id;
    ProbeCandidate { tenant, proof }
}

/// An incident that may be probed, with those who made it.
async fn probed_incident(bed: &Bed) -> (Vec<account::Model>, Breaker) {
    let dead = dead(bed, Proof::OfApp).await;
    assert!(is_one(bed, &dead[0], Proof::OfApp).await);
    incident::Entity::update_rows()
        .col_expr(incident::Column::ClosedUntil, Expr::value(bed.now()))
        .exec(bed.database.connection())
        .await
        .unwrap();
    (dead, breaker(bed))
}

async fn probes(breaker: &Breaker, witness: ProbeCandidate) -> bool {
    breaker.state.forget();
    breaker.admit(Some(witness)).await.unwrap() == Admission::Probe
}

async fn whoever_made_an_incident_does_not_probe_while_others_can(bed: Bed) {
    let (dead, breaker) = probed_incident(&bed).await;
    let other = healthy(&bed, bed.tenant().await).await;
    let guilty = witness(&dead[0], Proof::OfApp);

    assert!(!probes(&breaker, guilty).await);
    assert!(probes(&breaker, witness(&other, Proof::OfApp)).await);
    breaker.probe_failed(witness(&other, Proof::OfApp)).await.unwrap();
    assert!(probes(&breaker, guilty).await, "nobody else is left");
}

async fn one_owners_failed_probes_count_once(bed: Bed) {
    let (_, breaker) = probed_incident(&bed).await;
    let (first, second, owner) = (bed.tenant().await, bed.tenant().await, bed.user().await);
    bed.joins(owner, first).await;
    bed.joins(owner, second).await;
    let (first, second) = (healthy(&bed, first).await, healthy(&bed, second).await);
    let other = healthy(&bed, bed.tenant().await).await;

    assert!(probes(&breaker, witness(&first, Proof::OfApp)).await);
    breaker.probe_failed(witness(&first, Proof::OfApp)).await.unwrap();

    assert!(!probes(&breaker, witness(&first, Proof::OfApp)).await);
    assert!(!probes(&breaker, witness(&second, Proof::OfApp)).await);
    assert!(probes(&breaker, witness(&other, Proof::OfApp)).await);
}

async fn one_persons_failed_probes_count_once(bed: Bed) {
    let (_, breaker) = probed_incident(&bed).await;
    let first = healthy(&bed, bed.tenant().await).await;
    let second = healthy_of(&bed, bed.tenant().await, &first.platform_user_id).await;
    let other = healthy(&bed, bed.tenant().await).await;

    assert!(probes(&breaker, witness(&first, Proof::OfApp)).await);
    breaker.probe_failed(witness(&first, Proof::OfApp)).await.unwrap();

    assert!(!probes(&breaker, witness(&second, Proof::OfApp)).await);
    assert!(probes(&breaker, witness(&other, Proof::OfApp)).await);
}

async fn a_pasted_token_ends_no_incident(bed: Bed) {
    let (_, breaker) = probed_incident(&bed).await;
    let other = healthy(&bed, bed.tenant().await).await;

    assert!(!probes(&breaker, witness(&other, Proof::None)).await);
    assert!(probes(&breaker, witness(&other, Proof::OfApp)).await);
}

async fn one_person_in_many_tenants_is_no_incident(bed: Bed) {
    assert!(!is_incident(&bed, |_| 1, |number| number % 3).await);
}

async fn many_people_of_one_owner_are_no_incident_while_there_are_others(bed: Bed) {
    healthy(&bed, bed.tenant().await).await;

    assert!(!is_incident(&bed, |number| number, |_| 0).await);
}

async fn many_people_of_independent_tenants_are_one(bed: Bed) {
    assert!(is_incident(&bed, |number| number, |number| number % 3).await);
}

async fn one_more_owner_in_trouble_is_no_incident_while_others_are_read(bed: Bed) {
    dead_of_one_owner(&bed, Proof::OfApp, 9).await;
    let one = dead_of_one_owner(&bed, Proof::OfApp, 1).await;
    for _ in 0..2 {
        read(&bed, bed.tenant().await).await;
    }

    assert!(!is_one(&bed, &one[0], Proof::OfApp).await);
}

async fn what_is_read_of_the_largest_group_hides_nothing(bed: Bed) {
    let many = dead_of_one_owner(&bed, Proof::OfApp, 9).await;
    let one = dead_of_one_owner(&bed, Proof::OfApp, 1).await;

    read(&bed, many[0].tenant_id).await;

    assert!(is_one(&bed, &one[0], Proof::OfApp).await);
}

async fn an_incident_has_more_people_refused_than_read(bed: Bed) {
    let mut dead = Vec::new();
    for _ in 0..6 {
        dead.extend(dead_of_one_owner(&bed, Proof::OfApp, 1).await);
        read(&bed, bed.tenant().await).await;
    }

    assert!(!is_one(&bed, &dead[0], Proof::OfApp).await);
    for _ in 0..2 {
        dead_of_one_owner(&bed, Proof::OfApp, 1).await;
    }
    assert!(is_one(&bed, &dead[0], Proof::OfApp).await);
}

async fn give_token(bed: &Bed, tenant: TenantId, account: AccountId, proof: Proof) {
    let row = account_token::ActiveModel {
        account_id: Set(account),
        tenant_id: Set(tenant),
        ciphertext: Set(vec![1]),
        key_id: Set("key".to_owned()),
        issued_at: Set(bed.now()),
        expires_at: Set(bed.now() + TimeDelta::days(60)),
        expiry_assumed: Set(false),
        app_proved: Set(Some(proof == Proof::OfApp)),
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
    let row = account::Entity::across_tenants()
        .filter(account::Column::Id.eq(account))
        .one(bed.database.connection());
    row.await.unwrap().unwrap().status
}

async fn only_who_still_consents_is_taken_back(bed: Bed) {
    let (incidents, tenant) = (incidents(&bed), bed.tenant().await);
    let (with, without) = (
        account_in_trouble(&bed, tenant).await,
        account_in_trouble(&bed, tenant).await,
    );
    give_token(&bed, tenant, with, Proof::OfApp).await;

    let since = bed.now() - TimeDelta::hours(1);
    let taken_back = incidents
        .rollback
        .restore_batch(since, Proof::OfApp, bed.now())
        .await
        .unwrap();

    assert_eq!(taken_back, 1);
    assert_eq!(status(&bed, with).await, AccountStatus::Active);
    assert_eq!(status(&bed, without).await, AccountStatus::NeedsReconnect);
}

#[tokio::test]
async fn whoever_removes_the_app_at_that_moment_is_not_taken_back() {
    let bed = Bed::postgres().await;
    let (incidents, tenant) = (incidents(&bed), bed.tenant().await);
    let account = account_in_trouble(&bed, tenant).await;
    give_token(&bed, tenant, account, Proof::OfApp).await;
    let removing = bed.database.begin_write().await.unwrap();
    let token =
        account_token::Entity::delete_across_tenants().filter(account_token::Column::AccountId.eq(account));
    token.exec(&removing).await.unwrap();

    let since = bed.now() - TimeDelta::hours(1);
    let taking_back = incidents.rollback.restore_batch(since, Proof::OfApp, bed.now());
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
