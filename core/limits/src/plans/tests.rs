//! Limits over both engines.

use super::*;
use futures::future::join_all;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, DbErr, PaginatorTrait};
use std::{sync::Arc, time::Duration};
use vitrine_base::{
    database::Database,
    testing::{Bed, on_both_engines},
};
use vitrine_entity::{MembershipId, TenantId, TenantOwned, Time, UserId, daily_use, membership, user};

on_both_engines!(
    two_at_the_same_time_never_pass_a_limit,
    what_is_limited_in_a_day_is_counted_exactly_and_anew_each_day,
    a_plan_is_given_changed_and_removed,
    all_of_a_tenant_change_ten_times_what_one_may,
);

fn plans(bed: &Bed) -> Plans {
    Plans::new(bed.database.clone(), Arc::new(bed.clock.clone()))
}

/// Adds a member if there is room.
async fn add(database: &Database, tenant: TenantId, now: Time) -> Result<bool, DbErr> {
    let person = user::ActiveModel {
        id: Set(UserId::generate()),
        email: Set(uuid::Uuid::now_v7().to_string()),
        password_hash: Set(String::new()),
        name: Set("Ada".to_owned()),
        email_verified_at: Set(None),
        created_at: Set(now),
        updated_at: Set(now),
    };
    let transaction = database.begin_write().await?;
    if check_limit(&transaction, tenant, Limit::Members, now)
        .await?
        .is_err()
    {
        return Ok(false);
    }
    let person = person.insert(&transaction).await?;
    let member = membership::ActiveModel {
        id: Set(MembershipId::generate()),
        tenant_id: Set(tenant),
        user_id: Set(person.id),
        role: Set(membership::Role::Viewer),
        created_at: Set(now),
    };
    member.insert(&transaction).await?;
    transaction.commit().await?;
    Ok(true)
}

async fn two_at_the_same_time_never_pass_a_limit(bed: Bed) {
    let (tenant, now) = (bed.tenant().await, bed.now());
    plans(&bed)
        .set("small", &vec![(Limit::Members, 3)])
        .await
        .unwrap();
    plans(&bed).assign(tenant, "small").await.unwrap();

    let added = join_all((0..8).map(|_| add(&bed.database, tenant, now))).await;

    let added = added.into_iter().filter(|added| *added.as_ref().unwrap()).count();
    assert_eq!(added, 3);
    let plan = plans(&bed).of(tenant).await.unwrap();
    assert!(plan.used.contains(&(Limit::Members, 3)), "{plan:?}");
}

async fn what_is_limited_in_a_day_is_counted_exactly_and_anew_each_day(bed: Bed) {
    let tenant = bed.tenant().await;
    plans(&bed)
        .set("small", &vec![(Limit::SyncsPerDay, 3)])
        .await
        .unwrap();
    plans(&bed).assign(tenant, "small").await.unwrap();
    let connection = bed.database.connection();

    for _ in 0..2 {
        let now = bed.now();
        let taken =
            join_all((0..8).map(|_| consume_daily(connection, tenant, Limit::SyncsPerDay, now))).await;

        let reached = LimitReached {
            limit: Limit::SyncsPerDay,
            most: 3,
        };
        let refused: Vec<_> = taken
            .into_iter()
            .filter_map(|taken| taken.unwrap().err())
            .collect();
        assert_eq!(refused, [reached; 5]);
        let days = daily_use::Entity::of(tenant).count(connection);
        assert_eq!(days.await.unwrap(), 1, "yesterday's count is kept");
        bed.clock.advance(Duration::from_hours(24));
    }
    plans(&bed)
        .set("small", &vec![(Limit::SyncsPerDay, 0)])
        .await
        .unwrap();
    let none = consume_daily(connection, tenant, Limit::SyncsPerDay, bed.now())
        .await
        .unwrap();
    assert!(none.is_err());
}

async fn a_plan_is_given_changed_and_removed(bed: Bed) {
    let (tenant, plans) = (bed.tenant().await, plans(&bed));
    assert_eq!(plans.of(tenant).await.unwrap().plan.name, "default");

    let made = plans.set("big", &vec![(Limit::Feeds, 7)]).await.unwrap();
    assert_eq!(
        (made.feeds, made.accounts),
        (7, 1_000),
        "what is not named is as in the default plan"
    );
    plans.assign(tenant, "big").await.unwrap();
    let changed = plans.set("big", &vec![(Limit::Accounts, 2)]).await.unwrap();
    assert_eq!((changed.feeds, changed.accounts), (7, 2));

    assert_eq!(plans.of(tenant).await.unwrap().plan.name, "big");
    assert!(matches!(plans.remove("big").await, Err(PlanError::InUse)));
    assert!(matches!(plans.remove("default").await, Err(PlanError::InUse)));
    plans.assign(tenant, "default").await.unwrap();
    plans.remove("big").await.unwrap();
    assert!(matches!(plans.remove("big").await, Err(PlanError::NoSuchPlan)));
    assert!(matches!(
        plans.assign(tenant, "big").await,
        Err(PlanError::NoSuchPlan)
    ));
    let nobody = TenantId::generate();
    assert!(matches!(
        plans.assign(nobody, "default").await,
        Err(PlanError::NoSuchTenant)
    ));
    assert!(matches!(
        plans.set("no spaces", &vec![]).await,
        Err(PlanError::BadName)
    ));
}

/// As with keys that are made to be thrown away.
async fn all_of_a_tenant_change_ten_times_what_one_may(bed: Bed) {
    let (tenant, other, now) = (bed.tenant().await, bed.tenant().await, bed.now());
    let limits = vec![(Limit::ChangesPerDay, 2)];
    plans(&bed).set("small", &limits).await.unwrap();
    plans(&bed).assign(tenant, "small").await.unwrap();
    plans(&bed).assign(other, "small").await.unwrap();
    let connection = bed.database.connection();
    let may =
        async |tenant, actor, purpose| may_change(connection, tenant, actor, purpose, now).await.unwrap();

    let mut changes = 0;
    for _ in 0..30 {
        let actor = uuid::Uuid::now_v7();
        while may(tenant, actor, Purpose::Ordinary).await.is_ok() {
            record_change(connection, tenant, actor, now).await.unwrap();
            changes += 1;
        }
    }

    assert_eq!(changes, 20);
    let actor = uuid::Uuid::now_v7();
    assert_eq!(may(tenant, actor, Purpose::Ordinary).await.unwrap_err().most, 20);
    may(tenant, actor, Purpose::Protection).await.unwrap();
    may(other, actor, Purpose::Ordinary).await.unwrap();
}
