//! Empty databases of both engines.

use sea_orm::{ConnectOptions, Database, DatabaseConnection};
use tempfile::TempDir;
use vitrine_migration::migrate;

/// A database of one test.
pub(crate) struct TestDatabase {
    pub(crate) db: DatabaseConnection,
    url: String,
    _directory: Option<TempDir>,
}

impl TestDatabase {
    /// An empty SQLite file.
    pub(crate) async fn sqlite() -> TestDatabase {
        let directory = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", directory.path().join("test.db").display());
        TestDatabase {
            db: connect(&url).await,
            url,
            _directory: Some(directory),
        }
    }

    /// An empty Postgres database.
    pub(crate) async fn postgres() -> TestDatabase {
        let url = vitrine_test_support::database().await.unwrap();
        TestDatabase {
            db: connect(&url).await,
            url,
            _directory: None,
        }
    }

    /// With all tables.
    pub(crate) async fn migrated(self) -> TestDatabase {
        migrate(&self.db).await.unwrap();
        self
    }

    /// Connections of their own, as another process has them.
    pub(crate) async fn connect_again(&self) -> DatabaseConnection {
        connect(&self.url).await
    }
}

/// One connection only: more than that no migration may need, and SQLite explains with the statistics that its
/// connection has seen.
async fn connect(url: &str) -> DatabaseConnection {
    let options = ConnectOptions::new(url)
        .max_connections(1)
        .sqlx_logging(false)
        .to_owned();
    Database::connect(options).await.unwrap()
}

/// Makes two tests of each function that takes a [`TestDatabase`].
macro_rules! on_both_engines {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            #[tokio::test]
            async fn on_sqlite() {
                super::$name($crate::database::TestDatabase::sqlite().await).await;
            }

            #[tokio::test]
            async fn on_postgres() {
                super::$name($crate::database::TestDatabase::postgres().await).await;
            }
        }
    )+};
}

pub(crate) use on_both_engines;
