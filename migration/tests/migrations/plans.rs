//! The engines find due rows and the rows of a page through an index.

use crate::{
    database::{TestDatabase, on_both_engines},
    samples::{self, Owner, moment},
    schema::plan,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DatabaseConnection, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};
use std::time::Duration;
use vitrine_entity::{
    AccountId, MediaId, TenantId, TenantOwned, Time, account, account_token, job, media, outbox,
};

on_both_engines!(
    due_rows_are_found_through_their_index,
    a_feed_reads_its_posts_through_their_index,
    lists_are_read_through_their_index,
    callbacks_find_accounts_through_their_ids,
);

const TENANTS: usize = 10;
const ACCOUNTS: usize = 100;
const POSTS: u64 = 5;
/// Below SQLite's limit of values in a statement, for the widest table.
const CHUNK: usize = 500;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Few rows of each table are due.
async fn fill(db: &DatabaseConnection) -> Vec<Owner> {
    let mut owners = Vec::new();
    for _ in 0..TENANTS {
        let owner = Owner::insert(db).await;
        owners.extend((0..ACCOUNTS).map(|_| Owner {
            account: AccountId::generate(),
            ..owner
        }));
    }
    insert_all(db, owners.iter().enumerate().map(account_row)).await;
    insert_all(db, owners.iter().enumerate().map(token_row)).await;
    insert_all(db, owners.iter().enumerate().map(job_row)).await;
    insert_all(db, owners.iter().enumerate().map(outbox_row)).await;
    insert_all(db, owners.iter().flat_map(media_rows)).await;
    db.execute_unprepared("analyze").await.unwrap();
    owners
}

async fn insert_all<M, A>(db: &DatabaseConnection, rows: impl Iterator<Item = M>)
where
    M: IntoActiveModel<A>,
    A: ActiveModelTrait + Send,
{
    let rows: Vec<A> = rows.map(|row| row.into_active_model().reset_all()).collect();
    for chunk in rows.chunks(CHUNK) {
        let insertion = A::Entity::insert_many(chunk.iter().cloned());
        insertion.exec_without_returning(db).await.unwrap();
    }
}

/// One row in twenty is due, half of the others will be.
fn due(number: usize) -> Option<Time> {
    match number % 20 {
        0 => Some(moment() - DAY),
        1..10 => Some(moment() + DAY),
        _ => None,
    }
}

fn account_row((number, owner): (usize, &Owner)) -> account::Model {
    account::Model {
        next_sync_at: due(number),
        ..samples::full_account(owner)
    }
}

fn token_row((number, owner): (usize, &Owner)) -> account_token::Model {
    account_token::Model {
        next_refresh_at: due(number),
        ..samples::full_account_token(owner)
    }
}

fn job_row((number, owner): (usize, &Owner)) -> job::Model {
    let run_at = due(number);
    job::Model {
        run_at,
        finished_at: (run_at.is_none()).then(|| moment() - DAY * u32::try_from(number).unwrap()),
        ..samples::job(owner)
    }
}

fn outbox_row((number, owner): (usize, &Owner)) -> outbox::Model {
    outbox::Model {
        next_attempt_at: due(number),
        ..samples::full_outbox(owner)
    }
}

fn media_rows(owner: &Owner) -> impl Iterator<Item = media::Model> {
    let owner = *owner;
    (0..POSTS).map(move |age| media::Model {
        id: MediaId::generate(),
        posted_at: moment() - DAY * u32::try_from(age).unwrap(),
        ..samples::media(&owner)
    })
}

/// The plan of a query names this index or condition, and reads no table from end to end.
async fn assert_uses<E: EntityTrait>(db: &DatabaseConnection, select: Select<E>, index: &str) -> String {
    let plan = plan(db, select.build(db.get_database_backend())).await;
    assert!(plan.contains(index), "{index} is not used:\n{plan}");
    assert!(!plan.contains("Seq Scan") && !plan.contains("SCAN"), "{plan}");
    plan
}

/// As [`assert_uses`], and the index has the rows in order already.
async fn assert_reads_in_order<E: EntityTrait>(db: &DatabaseConnection, select: Select<E>, index: &str) {
    let plan = assert_uses(db, select, index).await;
    assert!(!plan.contains("Sort") && !plan.contains("TEMP B-TREE"), "{plan}");
}

fn free(lease: impl ColumnTrait) -> Condition {
    Condition::any().add(lease.is_null()).add(lease.lte(moment()))
}

async fn due_rows_are_found_through_their_index(database: TestDatabase) {
    let db = &database.migrated().await.db;
    fill(db).await;
    let syncs = account::Entity::find()
        .filter(account::Column::NextSyncAt.lte(moment()))
        .filter(free(account::Column::SyncLeaseUntil))
        .order_by_asc(account::Column::NextSyncAt)
        .limit(20);
    let refreshes = account_token::Entity::find()
        .filter(account_token::Column::NextRefreshAt.lte(moment()))
        .filter(free(account_token::Column::RefreshLeaseUntil))
        .order_by_asc(account_token::Column::NextRefreshAt)
        .limit(20);
    let jobs = job::Entity::find()
        .filter(job::Column::RunAt.lte(moment()))
        .order_by_asc(job::Column::RunAt)
        .limit(20);
    let messages = outbox::Entity::find()
        .filter(outbox::Column::NextAttemptAt.lte(moment()))
        .order_by_asc(outbox::Column::NextAttemptAt)
        .limit(20);
    let history = job::Entity::find()
        .filter(job::Column::FinishedAt.lt(moment() - 900 * DAY))
        .limit(20);

    assert_uses(db, syncs, "ix_account__next_sync_at").await;
    assert_uses(db, refreshes, "ix_account_token__next_refresh_at").await;
    assert_uses(db, jobs, "ix_job__run_at").await;
    assert_uses(db, messages, "ix_outbox__next_attempt_at").await;
    assert_uses(db, history, "ix_job__finished_at").await;
}

fn posts(tenant: TenantId, accounts: &[AccountId]) -> Select<media::Entity> {
    media::Entity::of(tenant)
        .filter(media::Column::AccountId.is_in(accounts.iter().copied()))
        .filter(media::Column::HiddenUpstreamAt.is_null())
        .order_by_desc(media::Column::PostedAt)
        .order_by_desc(media::Column::Id)
        .limit(3)
}

async fn a_feed_reads_its_posts_through_their_index(database: TestDatabase) {
    let db = &database.migrated().await.db;
    let owners = fill(db).await;
    let (tenant, one, other) = (owners[0].tenant, owners[0].account, owners[1].account);

    assert_reads_in_order(db, posts(tenant, &[one]), "ix_media__newest_first").await;
    // Several accounts are sorted together, so any index that begins with the account is as good.
    assert_uses(db, posts(tenant, &[one, other]), "(account_id").await;
}

async fn lists_are_read_through_their_index(database: TestDatabase) {
    let db = &database.migrated().await.db;
    let owner = fill(db).await[0];
    let of_tenant = job::Entity::of(owner.tenant)
        .order_by_desc(job::Column::Id)
        .limit(3);
    let of_account = job::Entity::of(owner.tenant)
        .filter(job::Column::AccountId.eq(owner.account))
        .order_by_desc(job::Column::Id)
        .limit(3);
    let accounts = account::Entity::of(owner.tenant)
        .order_by_asc(account::Column::Id)
        .limit(3);

    assert_reads_in_order(db, of_tenant, "ix_job__tenant_id_id").await;
    assert_uses(db, of_account, "ix_job__account_id_id").await;
    assert_reads_in_order(db, accounts, "uq_account__tenant_id_id").await;
}

async fn callbacks_find_accounts_through_their_ids(database: TestDatabase) {
    let db = &database.migrated().await.db;
    fill(db).await;
    let by = |column: account::Column| account::Entity::find().filter(column.eq("1784"));

    assert_uses(
        db,
        by(account::Column::PlatformUserId),
        "ix_account__platform_user_id",
    )
    .await;
    assert_uses(db, by(account::Column::AppScopedId), "ix_account__app_scoped_id").await;
    assert_uses(
        db,
        by(account::Column::ExchangeUserId),
        "ix_account__exchange_user_id",
    )
    .await;
}
