//! What the database refuses, and what goes with what.

use crate::{
    database::{TestDatabase, on_both_engines},
    samples::{self, Owner, insert, moment},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait, SqlErr,
};
use vitrine_entity::{
    AccountId, FeedId, JobId, MediaId, UserId, account, account_token, api_key, audit_event, connect_attempt,
    daily_use, export_part, feed, feed_account, feed_item, idempotency, invitation, job, media, membership,
    outbox, session, tenant, tenant_task, usage_day, user,
};

on_both_engines!(
    nothing_hangs_on_another_tenants_rows,
    what_must_be_unique_is_refused_twice,
    a_tenant_has_one_default_feed,
    an_account_has_one_open_job_of_a_kind,
    everything_goes_with_its_tenant,
    an_account_goes_with_all_but_its_attempts,
    a_person_goes_with_memberships_and_sessions,
);

macro_rules! assert_refused {
    ($kind:ident: $($inserted:expr),+ $(,)?) => {$(
        let refused = $inserted.await.err().and_then(|error: DbErr| error.sql_err());
        assert!(matches!(refused, Some(SqlErr::$kind(_))), "{}: {refused:?}", stringify!($inserted));
    )+};
}

macro_rules! assert_rows {
    ($db:expr, $count:expr; $($module:ident),+ $(,)?) => {$(
        let rows = $module::Entity::find().count($db).await.unwrap();
        assert_eq!(rows, $count, "rows of {}", stringify!($module));
    )+};
}

async fn nothing_hangs_on_another_tenants_rows(database: TestDatabase) {
    let db = &database.migrated().await.db;
    let (ours, theirs) = (Owner::insert(db).await, Owner::insert(db).await);
    let their_account = Owner {
        account: theirs.account,
        ..ours
    };
    let their_feed = Owner {
        feed: theirs.feed,
        ..ours
    };
    let their_media = Owner {
        media: theirs.media,
        ..ours
    };
    let their_account_new_media = Owner {
        media: MediaId::generate(),
        ..their_account
    };

    assert_refused!(ForeignKeyConstraintViolation:
        insert(db, samples::account_token(&their_account)),
        insert(db, samples::media(&their_account_new_media)),
        insert(db, samples::job(&their_account)),
        insert(db, samples::feed_account(&their_account)),
        insert(db, samples::feed_account(&their_feed)),
        insert(db, samples::feed_item(&their_feed)),
        insert(db, samples::feed_item(&their_media)),
    );
}

async fn what_must_be_unique_is_refused_twice(database: TestDatabase) {
    let db = &database.migrated().await.db;
    let owner = Owner::insert(db).await;
    let user = samples::user(&owner_with_new_ids(owner));
    let account = samples::account(&owner_with_new_ids(owner));
    let media = samples::media(&owner_with_new_ids(owner));
    let key = samples::api_key(&owner);
    let attempt = samples::connect_attempt(&owner);
    insert(db, user.clone()).await.unwrap();
    insert(db, account.clone()).await.unwrap();
    insert(db, account_of(&media, &account)).await.unwrap();
    insert(db, key.clone()).await.unwrap();
    insert(db, attempt.clone()).await.unwrap();
    insert(db, samples::membership(&owner)).await.unwrap();

    let other_user = user::Model {
        id: UserId::generate(),
        ..user
    };
    let other_account = account::Model {
        id: AccountId::generate(),
        ..account.clone()
    };
    let other_media = media::Model {
        id: MediaId::generate(),
        ..account_of(&media, &account)
    };
    let other_key = api_key::Model {
        hash: key.hash,
        ..samples::api_key(&owner)
    };
    let other_attempt = connect_attempt::Model {
        state_hash: attempt.state_hash,
        ..samples::connect_attempt(&owner)
    };

    assert_refused!(UniqueConstraintViolation:
        insert(db, other_user),
        insert(db, other_account),
        insert(db, other_media),
        insert(db, other_key),
        insert(db, other_attempt),
        insert(db, samples::membership(&owner)),
    );
    let theirs = Owner::insert(db).await;
    let same_account_elsewhere = account::Model {
        id: AccountId::generate(),
        tenant_id: theirs.tenant,
        ..account
    };
    insert(db, same_account_elsewhere).await.unwrap();
}

fn owner_with_new_ids(owner: Owner) -> Owner {
    Owner {
        tenant: owner.tenant,
        ..Owner::new()
    }
}

fn account_of(media: &media::Model, account: &account::Model) -> media::Model {
    media::Model {
        account_id: account.id,
        ..media.clone()
    }
}

async fn a_tenant_has_one_default_feed(database: TestDatabase) {
    let db = &database.migrated().await.db;
    let (ours, theirs) = (Owner::insert(db).await, Owner::insert(db).await);
    let feed = |owner: Owner, is_default| feed::Model {
        id: FeedId::generate(),
        is_default,
        ..samples::feed(&owner)
    };
    insert(db, feed(ours, true)).await.unwrap();

    assert_refused!(UniqueConstraintViolation: insert(db, feed(ours, true)));

    insert(db, feed(ours, false)).await.unwrap();
    insert(db, feed(theirs, true)).await.unwrap();
}

async fn an_account_has_one_open_job_of_a_kind(database: TestDatabase) {
    let db = &database.migrated().await.db;
    let owner = Owner::insert(db).await;
    let job = |kind| job::Model {
        id: JobId::generate(),
        kind,
        ..samples::job(&owner)
    };
    let first = insert(db, job(job::JobKind::SyncMedia)).await.unwrap();

    assert_refused!(UniqueConstraintViolation: insert(db, job(job::JobKind::SyncMedia)));

    insert(db, job(job::JobKind::RefreshToken)).await.unwrap();
    let mut first = first.into_active_model();
    first.finished_at = Set(Some(moment()));
    first.update(db).await.unwrap();
    insert(db, job(job::JobKind::SyncMedia)).await.unwrap();
}

/// A tenant with a row in every table.
async fn full_house(db: &sea_orm::DatabaseConnection) -> Owner {
    let owner = Owner::insert(db).await;
    insert(db, samples::membership(&owner)).await.unwrap();
    insert(db, samples::session(&owner)).await.unwrap();
    insert(db, samples::invitation(&owner)).await.unwrap();
    insert(db, samples::daily_use(&owner)).await.unwrap();
    insert(db, samples::full_api_key(&owner)).await.unwrap();
    insert(db, samples::account_token(&owner)).await.unwrap();
    insert(db, samples::full_connect_attempt(&owner)).await.unwrap();
    insert(db, samples::feed_account(&owner)).await.unwrap();
    insert(db, samples::feed_item(&owner)).await.unwrap();
    insert(db, samples::job(&owner)).await.unwrap();
    insert(db, samples::usage_day(&owner)).await.unwrap();
    insert(db, samples::audit_event(&owner)).await.unwrap();
    insert(db, samples::idempotency(&owner)).await.unwrap();
    insert(db, samples::full_outbox(&owner)).await.unwrap();
    let task = samples::full_tenant_task(&owner);
    insert(db, task.clone()).await.unwrap();
    insert(db, samples::export_part(&task)).await.unwrap();
    owner
}

async fn everything_goes_with_its_tenant(database: TestDatabase) {
    let db = &database.migrated().await.db;
    let gone = full_house(db).await;
    full_house(db).await;

    tenant::Entity::delete_by_id(gone.tenant).exec(db).await.unwrap();

    assert_rows!(db, 1;
        tenant, membership, invitation, daily_use, session, api_key, account, account_token, connect_attempt, media, feed,
        feed_account, feed_item, job, usage_day, audit_event, idempotency, outbox, tenant_task, export_part,
    );
    assert_rows!(db, 2; user);
}

async fn an_account_goes_with_all_but_its_attempts(database: TestDatabase) {
    let db = &database.migrated().await.db;
    let owner = full_house(db).await;

    account::Entity::delete_by_id(owner.account)
        .exec(db)
        .await
        .unwrap();

    assert_rows!(db, 0; account, account_token, media, feed_account, feed_item, job);
    assert_rows!(db, 1; feed);
    let attempt = connect_attempt::Entity::find().one(db).await.unwrap().unwrap();
    assert_eq!((attempt.account_id, attempt.connected_account_id), (None, None));
}

async fn a_person_goes_with_memberships_and_sessions(database: TestDatabase) {
    let db = &database.migrated().await.db;
    let owner = full_house(db).await;

    user::Entity::delete_by_id(owner.user).exec(db).await.unwrap();

    assert_rows!(db, 0; membership, session);
    assert_rows!(db, 1; tenant, account, api_key, connect_attempt);
}
