//! Several statements that are done together or not at all.

use super::{Pooler, pool::Pool, pool_health::PoolHealth};
use async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement,
    TransactionOptions, TransactionTrait,
};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// A transaction; it is taken back when dropped.
///
/// It cannot be committed once a statement failed: Postgres would answer such a commit with success and keep nothing,
/// SQLite may have taken the first half back and would keep the second.
#[derive(Debug)]
pub struct Transaction {
    inner: DatabaseTransaction,
    health: Arc<PoolHealth>,
    /// Statements that are under way, or that failed, or that nobody waited for.
    unfinished: AtomicUsize,
}

impl Transaction {
    pub(super) async fn begin(pool: &Pool, options: TransactionOptions) -> Result<Self, DbErr> {
        let Pool { driver, health, .. } = pool;
        let begun = match pool.pooler {
            Pooler::None => health.answer(driver.begin_with_options(options)).await,
            Pooler::Transaction => health.answer(begin_behind_pooler(driver, options)).await,
        };
        Ok(Self {
            inner: begun?,
            health: Arc::clone(health),
            unfinished: AtomicUsize::new(0),
        })
    }

    /// Keeps what was done. It is kept once this returns, and not before.
    ///
    /// # Errors
    /// When a statement failed before, or the database does; nothing is kept then, except that of a commit whose
    /// answer was lost nobody knows.
    pub async fn commit(self) -> Result<(), DbErr> {
        if self.unfinished.load(Ordering::Relaxed) > 0 {
            self.rollback().await?;
            return Err(DbErr::Custom(
                "a statement of the transaction failed, so nothing of it is kept".to_owned(),
            ));
        }
        self.health.answer(self.inner.commit()).await
    }

    /// Takes back what was done.
    ///
    /// # Errors
    /// When the database fails; nothing is kept then either.
    pub async fn rollback(self) -> Result<(), DbErr> {
        self.health.answer(self.inner.rollback()).await
    }

    /// The driver's own transaction, for migrations.
    #[must_use]
    pub fn driver(&self) -> &DatabaseTransaction {
        &self.inner
    }

    async fn counted<T>(&self, statement: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
        self.unfinished.fetch_add(1, Ordering::Relaxed);
        let result = self.health.answer(statement).await?;
        self.unfinished.fetch_sub(1, Ordering::Relaxed);
        Ok(result)
    }
}

/// The server was another client's a moment ago, whose prepared statements may have the names of ours.
async fn begin_behind_pooler(
    pool: &sea_orm::DatabaseConnection,
    options: TransactionOptions,
) -> Result<DatabaseTransaction, DbErr> {
    let transaction = pool.begin().await?;
    let wanted = [
        options
            .isolation_level
            .map(|level| format!("ISOLATION LEVEL {level}")),
        options.access_mode.map(|mode| mode.to_string()),
    ];
    let wanted: Vec<String> = wanted.into_iter().flatten().collect();
    let set = match wanted.is_empty() {
        true => String::new(),
        false => format!("SET TRANSACTION {}; ", wanted.join(" ")),
    };
    transaction
        .execute_unprepared(&format!("{set}DEALLOCATE ALL"))
        .await?;
    Ok(transaction)
}

#[async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.counted(self.inner.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.counted(self.inner.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.counted(self.inner.query_one_raw(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.counted(self.inner.query_all_raw(statement)).await
    }
}
