use super::*;
use crate::testing::{Bed, on_both_engines};
use std::time::{Duration, Instant};
use vitrine_test_support::{PgBouncer, PostgresServer, REPLICATING, TcpProxy, wait_until};

on_both_engines!(a_transaction_with_a_failed_statement_is_not_committed);

async fn alone(bed: &Bed) -> Database {
    let settings = DatabaseSettings {
        max_connections: 1,
        ..bed.settings.clone()
    };
    Database::connect(&settings).await.unwrap()
}

async fn run(connection: &impl ConnectionTrait, sql: &str) -> Result<u64, DbErr> {
    let done = connection.execute_unprepared(sql).await?;
    Ok(done.rows_affected())
}

async fn count(database: &Database, what: &str) -> i64 {
    let sql = format!("select count(*) as rows from {what}");
    let connection = database.connection();
    let statement = sea_orm::Statement::from_string(connection.get_database_backend(), sql);
    let row = connection.query_one_raw(statement).await.unwrap().unwrap();
    row.try_get("", "rows").unwrap()
}

#[tokio::test]
async fn a_closed_database_is_away_and_a_mistake_is_not() {
    let settings = DatabaseSettings {
        url: "sqlite::memory:".into(),
        max_connections: 1,
        pooler: Pooler::None,
    };
    let database = Database::connect(&settings).await.unwrap();
    assert!(!is_unavailable(
        &run(database.connection(), "select nothing").await.unwrap_err()
    ));

    database.driver().clone().close().await.unwrap();

    assert!(is_unavailable(&database.ping().await.unwrap_err()));
}

/// SQLite takes a whole transaction back when there is no room, and the driver does not notice.
#[tokio::test]
async fn what_is_committed_after_a_full_disk_is_stored() {
    let bed = Bed::sqlite().await;
    let database = alone(&bed).await;
    run(
        database.connection(),
        "create table mark (name text, filling blob)",
    )
    .await
    .unwrap();
    run(database.connection(), "pragma max_page_count = 1")
        .await
        .unwrap();

    let full = database.begin_write().await.unwrap();
    let error = run(&full, "insert into mark values ('full', zeroblob(1000000))")
        .await
        .unwrap_err();
    assert!(is_unavailable(&error), "{error}");
    drop(full);
    let taken_back = database.begin_write().await.unwrap();
    run(&taken_back, "insert into mark values ('taken back', null)")
        .await
        .unwrap();
    drop(taken_back);
    let kept = database.begin_write().await.unwrap();
    run(&kept, "insert into mark values ('kept', null)")
        .await
        .unwrap();
    kept.commit().await.unwrap();

    let other = alone(&bed).await;
    assert_eq!(count(&other, "mark where name = 'kept'").await, 1);
    assert_eq!(count(&other, "mark").await, 1);
}

async fn a_transaction_with_a_failed_statement_is_not_committed(bed: Bed) {
    let database = alone(&bed).await;
    run(database.connection(), "create table mark (name text primary key)")
        .await
        .unwrap();

    let transaction = database.begin_write().await.unwrap();
    run(&transaction, "insert into mark values ('first')")
        .await
        .unwrap();
    assert!(is_duplicate_of_first(&transaction).await);

    assert!(transaction.commit().await.is_err());
    assert_eq!(count(&database, "mark").await, 0);
    let next = database.begin_write().await.unwrap();
    run(&next, "insert into mark values ('next')").await.unwrap();
    next.commit().await.unwrap();
    assert_eq!(count(&alone(&bed).await, "mark").await, 1);
}

async fn is_duplicate_of_first(transaction: &Transaction) -> bool {
    let again = run(transaction, "insert into mark values ('first')").await;
    again.is_err_and(|error| is_duplicate(&error))
}

/// A pool of four on the server, through a proxy, with no more patience than a test has.
async fn through(proxy: &TcpProxy, server: &PostgresServer) -> Database {
    let url = server
        .url()
        .replace(&format!(":{}/", server.port()), &format!(":{}/", proxy.port()));
    let settings = DatabaseSettings {
        url: url.into(),
        max_connections: 4,
        pooler: Pooler::None,
    };
    let health = PoolHealth::limited_to(Duration::from_secs(2));
    Database::open(&settings, Arc::new(health)).await.unwrap()
}

/// Writes at once over as many connections as the pool has.
async fn write_over_all(database: &Database) -> Vec<Result<u64, DbErr>> {
    let writes = (0..4).map(|_| async {
        let transaction = database.begin_write().await?;
        run(&transaction, "select pg_sleep(0.05)").await?;
        let written = run(&transaction, "insert into mark values ('written')").await?;
        transaction.commit().await.map(|()| written)
    });
    futures::future::join_all(writes).await
}

async fn all_write(database: &Database) -> bool {
    write_over_all(database).await.iter().all(Result::is_ok)
}

#[tokio::test]
async fn a_standby_that_took_over_is_written_to_at_once() {
    let primary = PostgresServer::start_with(REPLICATING).await.unwrap();
    let standby = primary.standby().await.unwrap();
    let proxy = TcpProxy::to(primary.port()).await.unwrap();
    let database = through(&proxy, &primary).await;
    run(database.connection(), "create table mark (name text)")
        .await
        .unwrap();
    assert!(all_write(&database).await);

    primary.refuse_writes().await.unwrap();
    wait_until(Duration::from_secs(10), async || {
        let outcomes = write_over_all(&database).await;
        outcomes
            .iter()
            .all(|outcome| outcome.as_ref().is_err_and(is_unavailable))
    })
    .await
    .unwrap();
    proxy.lead_to(standby.port());
    standby.promote().await.unwrap();

    let promoted = Instant::now();
    wait_until(Duration::from_secs(30), async || all_write(&database).await)
        .await
        .unwrap();
    assert!(all_write(&database).await, "it went back to the old one");
    assert!(
        promoted.elapsed() < Duration::from_secs(15),
        "{:?}",
        promoted.elapsed()
    );
}

#[tokio::test]
async fn connections_that_fell_silent_are_made_anew() {
    let server = PostgresServer::start().await.unwrap();
    let proxy = TcpProxy::to(server.port()).await.unwrap();
    let database = through(&proxy, &server).await;
    run(database.connection(), "create table mark (name text)")
        .await
        .unwrap();
    assert!(all_write(&database).await);

    proxy.silence();

    let silent = Instant::now();
    wait_until(Duration::from_secs(30), async || all_write(&database).await)
        .await
        .unwrap();
    assert!(
        silent.elapsed() < Duration::from_secs(15),
        "{:?}",
        silent.elapsed()
    );
}

#[tokio::test]
async fn transactions_and_statements_share_the_servers_of_a_pooler() {
    let pooler = PgBouncer::before(&vitrine_test_support::database().await.unwrap())
        .await
        .unwrap();
    let settings = DatabaseSettings {
        url: pooler.url().into(),
        max_connections: 8,
        pooler: Pooler::Transaction,
    };
    let (one, other) = (
        Database::connect(&settings).await.unwrap(),
        Database::connect(&settings).await.unwrap(),
    );
    run(one.connection(), "create table mark (name text)")
        .await
        .unwrap();

    let work = (0..60).map(|number| {
        let database = if number % 2 == 0 { &one } else { &other };
        async move {
            let insert = sea_orm::Statement::from_sql_and_values(
                DbBackend::Postgres,
                "insert into mark values ($1)",
                [format!("mark {number}").into()],
            );
            database.connection().execute_raw(insert.clone()).await?;
            let transaction = database.begin_write().await?;
            transaction.execute_raw(insert).await?;
            transaction.commit().await?;
            let moment = database.begin_read().await?;
            let (first, second) = (marks(&moment).await?, marks(&moment).await?);
            assert_eq!(first, second);
            moment.commit().await
        }
    });
    for outcome in futures::future::join_all(work).await {
        outcome.unwrap();
    }

    assert_eq!(count(&one, "mark").await, 120);
}

async fn marks(connection: &impl ConnectionTrait) -> Result<i64, DbErr> {
    let select = sea_orm::Statement::from_sql_and_values(
        DbBackend::Postgres,
        "select count(*) as rows from mark where name <> $1",
        ["nobody".into()],
    );
    let row = connection.query_one_raw(select).await?.unwrap();
    row.try_get("", "rows")
}
