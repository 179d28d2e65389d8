//! The tables are what the entities describe.

use crate::{
    database::{TestDatabase, on_both_engines},
    samples::{self, Owner},
    schema::{lines, tables},
};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, EntityName, EntityTrait, Schema};

on_both_engines!(
    the_columns_are_those_of_the_entities,
    a_row_of_every_entity_comes_back,
);

/// Calls a macro with the modules of all entities.
macro_rules! with_entities {
    ($call:ident) => {
        $call!(
            account,
            account_token,
            api_key,
            audit_event,
            connect_attempt,
            daily_use,
            export_part,
            data_deletion,
            feed,
            feed_account,
            feed_item,
            idempotency,
            incident,
            installation,
            invitation,
            job,
            mail_link,
            media,
            membership,
            outbox,
            plan,
            recovery_code,
            second_factor,
            sealing_key,
            sealing_key_wrap,
            session,
            tenant,
            tenant_task,
            usage_day,
            user
        )
    };
}

macro_rules! table_names {
    ($($module:ident),+) => { [$(vitrine_entity::$module::Entity.table_name()),+] };
}

const SQLITE_COLUMNS: &str = "
    select m.name || '.' || c.name || ' ' || case when c.type like '%blob' then 'blob' else c.type end
        || ' ' || c.\"notnull\" || ' ' || c.pk
    from sqlite_master m join pragma_table_info(m.name) c
    where m.type = 'table' and m.name <> 'seaql_migrations' order by 1";

const POSTGRES_COLUMNS: &str = "
    select format('%s.%s %s %s', table_name, column_name, data_type, is_nullable)
    from information_schema.columns
    where table_schema = 'public' and table_name <> 'seaql_migrations' order by 1";

#[test]
fn no_entity_is_forgotten_here() {
    let folders = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../entity/src")).unwrap();
    let lists =
        folders.filter_map(|folder| std::fs::read_to_string(folder.unwrap().path().join("mod.rs")).ok());
    let entities: usize = lists.map(|list| list.matches("\npub mod ").count()).sum();

    assert_eq!(with_entities!(table_names).len(), entities);
}

async fn the_columns_are_those_of_the_entities(database: TestDatabase) {
    let from_entities = match database.db.get_database_backend() {
        DbBackend::Sqlite => TestDatabase::sqlite().await,
        _ => TestDatabase::postgres().await,
    };
    create_from_entities(&from_entities.db).await;

    let database = database.migrated().await;

    assert_eq!(columns(&database.db).await, columns(&from_entities.db).await);
    let mut wanted = with_entities!(table_names).to_vec();
    wanted.extend(["seaql_migrations"]);
    wanted.sort_unstable();
    assert_eq!(tables(&database.db).await, wanted);
}

async fn create_from_entities(db: &DatabaseConnection) {
    let schema = Schema::new(db.get_database_backend());
    macro_rules! create {
        ($($module:ident),+) => {$(
            let table = schema.create_table_from_entity(vitrine_entity::$module::Entity);
            db.execute(&table).await.unwrap();
        )+};
    }
    with_entities!(create);
}

async fn columns(db: &DatabaseConnection) -> Vec<String> {
    let sql = match db.get_database_backend() {
        DbBackend::Sqlite => SQLITE_COLUMNS,
        _ => POSTGRES_COLUMNS,
    };
    lines(db, sql).await
}

async fn a_row_of_every_entity_comes_back(database: TestDatabase) {
    let db = &database.migrated().await.db;
    macro_rules! come_back {
        ($owner:expr; $($module:ident: $sample:ident),+ $(,)?) => {$(
            let row = samples::$sample(&$owner);
            samples::insert(db, row.clone()).await.unwrap();
            let found = vitrine_entity::$module::Entity::find().all(db).await.unwrap();
            assert!(found.contains(&row), "{row:?} is not among {found:?}");
        )+};
    }
    let (bare, full) = (Owner::insert(db).await, Owner::new());

    come_back!(bare; membership: membership, session: session, api_key: api_key);
    come_back!(bare; account_token: account_token, connect_attempt: connect_attempt);
    come_back!(bare; feed_account: feed_account, feed_item: feed_item, job: job);
    come_back!(bare; usage_day: usage_day, audit_event: audit_event, idempotency: idempotency);
    come_back!(bare; mail_link: mail_link, second_factor: second_factor, recovery_code: recovery_code);
    come_back!(bare; outbox: outbox, installation: installation, incident: incident);
    come_back!(bare; invitation: invitation, plan: plan, daily_use: daily_use);
    come_back!(bare; sealing_key: sealing_key, sealing_key_wrap: sealing_key_wrap, data_deletion: data_deletion);

    come_back!(full; tenant: full_tenant, user: full_user, session: full_session, api_key: full_api_key);
    come_back!(full; invitation: full_invitation);
    come_back!(full; account: full_account, account_token: full_account_token);
    come_back!(full; connect_attempt: full_connect_attempt, media: full_media, feed: full_feed);
    come_back!(full; feed_account: feed_account, feed_item: full_feed_item, job: full_job);
    let task = samples::tenant_task(&bare);
    samples::insert(db, task.clone()).await.unwrap();
    come_back!(task; export_part: export_part);
    come_back!(full; tenant_task: full_tenant_task);
    come_back!(full; mail_link: full_mail_link, second_factor: full_second_factor, recovery_code: full_recovery_code);
    come_back!(full; incident: full_incident, audit_event: full_audit_event, idempotency: full_idempotency, outbox: full_outbox);
}
