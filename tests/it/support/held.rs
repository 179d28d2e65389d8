//! Rows that a test holds in Postgres, so that requests wait at a place that the test chose.

use super::{Installation, Owner, database};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use std::{sync::Mutex, time::Duration};
use vitrine_base::database::{Database, Transaction};
use vitrine_test_support::wait_until;

/// Rows that are held until this is released.
pub(crate) struct Held {
    database: Database,
    transaction: Mutex<Option<Transaction>>,
}

impl Held {
    /// Holds what a `select … for …` finds; it has to find something.
    pub(crate) async fn rows(vitrine: &Installation, select: &str) -> Self {
        let database = database(vitrine).await;
        let transaction = database.begin_write().await.unwrap();
        let found = transaction.query_all_raw(postgres(select)).await.unwrap();
        assert!(!found.is_empty(), "nothing to hold: {select}");
        Self {
            database,
            transaction: Mutex::new(Some(transaction)),
        }
    }

    /// Holds the person with this address.
    pub(crate) async fn person(vitrine: &Installation, email: &str) -> Self {
        let person = format!("select 1 from \"user\" where email = '{email}' for update");
        Self::rows(vitrine, &person).await
    }

    /// Holds an owner's tenant, as whoever counts what it has does.
    pub(crate) async fn tenant_of(owner: &Owner<'_>) -> Self {
        let tenant = owner.get("/v1/tenant").await.expect(200);
        let id = tenant["id"].as_str().unwrap();
        let tenant = format!("select 1 from tenant where id = '{id}' for no key update");
        Self::rows(owner.installation, &tenant).await
    }

    /// Holds a whole table, which can be read and not be written.
    pub(crate) async fn table(vitrine: &Installation, name: &str) -> Self {
        Self::locked(vitrine, &format!("lock table {name} in exclusive mode")).await
    }

    /// Keeps even readers out of tables, as a database that hangs does.
    pub(crate) async fn from_readers(vitrine: &Installation, tables: &str) -> Self {
        Self::locked(vitrine, &format!("lock table {tables} in access exclusive mode")).await
    }

    async fn locked(vitrine: &Installation, lock: &str) -> Self {
        let database = database(vitrine).await;
        let transaction = database.begin_write().await.unwrap();
        transaction.execute_unprepared(lock).await.unwrap();
        Self {
            database,
            transaction: Mutex::new(Some(transaction)),
        }
    }

    /// Waits until so many statements wait for rows.
    pub(crate) async fn is_waited_for(&self, by: usize) {
        let sql =
            "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
        let waiting = wait_until(Duration::from_secs(20), async || {
            let rows = self.database.connection().query_all_raw(postgres(sql)).await;
            rows.unwrap().len() >= by
        });
        waiting.await.unwrap();
    }

    pub(crate) async fn release(&self) {
        let held = self.transaction.lock().unwrap().take();
        held.unwrap().rollback().await.unwrap();
    }
}

fn postgres(sql: &str) -> Statement {
    Statement::from_string(DbBackend::Postgres, sql)
}
