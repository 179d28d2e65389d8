//! The pool, for reads and single statements.

use super::{Pooler, Transaction, pool::Pool};
use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};

/// The way to the database. Each statement has a limit in time, and what goes wrong is heard for all connections.
/// Clones share the pool.
#[derive(Clone, Debug)]
pub struct Connection {
    pub(super) pool: Pool,
}

impl Connection {
    /// Behind a pooler, one statement is several messages that would go to several servers: a transaction holds them
    /// together.
    async fn transaction(&self) -> Result<Option<Transaction>, DbErr> {
        match self.pool.pooler {
            Pooler::None => Ok(None),
            Pooler::Transaction => Transaction::begin(&self.pool, Default::default()).await.map(Some),
        }
    }
}

#[async_trait]
impl ConnectionTrait for Connection {
    fn get_database_backend(&self) -> DbBackend {
        self.pool.driver.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match self.transaction().await? {
            None => {
                self.pool
                    .health
                    .answer(self.pool.driver.execute_raw(statement))
                    .await
            }
            Some(whole) => {
                let result = whole.execute_raw(statement).await?;
                whole.commit().await.map(|()| result)
            }
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.pool
            .health
            .answer(self.pool.driver.execute_unprepared(sql))
            .await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match self.transaction().await? {
            None => {
                self.pool
                    .health
                    .answer(self.pool.driver.query_one_raw(statement))
                    .await
            }
            Some(whole) => {
                let row = whole.query_one_raw(statement).await?;
                whole.commit().await.map(|()| row)
            }
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match self.transaction().await? {
            None => {
                self.pool
                    .health
                    .answer(self.pool.driver.query_all_raw(statement))
                    .await
            }
            Some(whole) => {
                let rows = whole.query_all_raw(statement).await?;
                whole.commit().await.map(|()| rows)
            }
        }
    }
}
