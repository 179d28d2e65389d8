//! What tests of rules over a database begin with.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use crate::{
    clock::{Clock, SystemClock, TestClock},
    database::{Database, DatabaseSettings, Pooler},
};
use chrono::TimeDelta;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, Statement, Value};
use tempfile::TempDir;
use vitrine_entity::{MembershipId, StringList, TenantId, Time, UserId, membership, tenant, user};

/// A machine's clock that is wrong, and nobody meant it to be.
#[derive(Debug)]
pub struct WrongClock(TimeDelta);

impl WrongClock {
    /// One that is ahead by so much.
    #[must_use]
    pub fn ahead_by(ahead: TimeDelta) -> Self {
        Self(ahead)
    }
}

impl Clock for WrongClock {
    fn now(&self) -> Time {
        SystemClock.now() + self.0
    }
}

/// A database of one test, and a clock that it can move.
pub struct Bed {
    /// A database of its own.
    pub database: Database,
    /// The clock of the rules.
    pub clock: TestClock,
    /// How another connection to the same database is made.
    pub settings: DatabaseSettings,
    _directory: Option<TempDir>,
}

impl Bed {
    /// On a SQLite file.
    pub async fn sqlite() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", directory.path().join("test.db").display());
        Self::at(url, Some(directory)).await
    }

    /// On the Postgres of the test run.
    pub async fn postgres() -> Self {
        Self::at(vitrine_test_support::database().await.unwrap(), None).await
    }

    async fn at(url: String, directory: Option<TempDir>) -> Self {
        let settings = DatabaseSettings {
            url: url.into(),
            max_connections: 4,
            pooler: Pooler::None,
        };
        let database = Database::connect(&settings).await.unwrap();
        vitrine_migration::migrate(database.driver()).await.unwrap();
        Self {
            database,
            clock: TestClock::new(),
            settings,
            _directory: directory,
        }
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// Runs a statement; gives how many rows it changed.
    pub async fn execute(&self, sql: &str, values: impl IntoIterator<Item = Value>) -> u64 {
        let connection = self.database.connection();
        let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
        connection.execute_raw(statement).await.unwrap().rows_affected()
    }

    /// How many rows of a table, with a condition, there are.
    pub async fn count(&self, condition: &str, values: impl IntoIterator<Item = Value>) -> i64 {
        let connection = self.database.connection();
        let sql = format!("select count(*) as rows from {condition}");
        let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
        let row = connection.query_one_raw(statement).await.unwrap().unwrap();
        row.try_get("", "rows").unwrap()
    }

    /// Somebody who can be a member.
    pub async fn user(&self) -> UserId {
        let id = UserId::generate();
        let row = user::ActiveModel {
            id: Set(id),
            email: Set(format!("{}@example.com", id.0)),
            password_hash: Set(String::new()),
            name: Set("somebody".to_owned()),
            email_verified_at: Set(None),
            created_at: Set(self.now()),
            updated_at: Set(self.now()),
        };
        row.insert(self.database.connection()).await.unwrap().id
    }

    /// Makes somebody an owner of a tenant.
    pub async fn joins(&self, user: UserId, tenant: TenantId) {
        let row = membership::ActiveModel {
            id: Set(MembershipId::generate()),
            tenant_id: Set(tenant),
            user_id: Set(user),
            role: Set(membership::Role::Owner),
            created_at: Set(self.now()),
        };
        row.insert(self.database.connection()).await.unwrap();
    }

    /// A tenant that nobody belongs to.
    pub async fn tenant(&self) -> TenantId {
        let row = tenant::ActiveModel {
            id: Set(TenantId::generate()),
            name: Set("a site".to_owned()),
            allowed_origins: Set(StringList::default()),
            created_at: Set(self.now()),
            updated_at: Set(self.now()),
            paused_at: Set(None),
            plan_name: Set(None),
        };
        row.insert(self.database.connection()).await.unwrap().id
    }
}

/// Makes two tests of each function that takes a [`Bed`].
#[macro_export]
macro_rules! on_both_engines {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            #[tokio::test]
            async fn on_sqlite() {
                super::$name($crate::testing::Bed::sqlite().await).await;
            }

            #[tokio::test]
            async fn on_postgres() {
                super::$name($crate::testing::Bed::postgres().await).await;
            }
        }
    )+};
}

pub use crate::on_both_engines;
