//! What the database was asked for, by its own count.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

/// Lets the server count; only while it is watched, so that nobody pays for it otherwise.
pub(crate) const SETTINGS: &[&str] = &["shared_preload_libraries=pg_stat_statements"];

/// Statements since the watch began.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// All of them, with those that begin and end transactions.
    pub(crate) statements: f64,
    /// How often posts were read, which is once a render.
    pub(crate) reads_of_posts: f64,
    /// How often the most frequent one came.
    pub(crate) most_of_one: f64,
    /// Each with its count.
    pub(crate) each: Vec<(String, i64)>,
}

/// Counts what everybody but this connection asks for.
pub(crate) struct Watch<'a> {
    database: &'a DatabaseConnection,
}

impl<'a> Watch<'a> {
    /// Sets the server up to be watched, and does not watch it yet.
    pub(crate) async fn prepare(database: &DatabaseConnection) -> anyhow::Result<()> {
        database
            .execute_unprepared("create extension if not exists pg_stat_statements")
            .await?;
        track(database, "none").await
    }

    pub(crate) async fn begin(database: &'a DatabaseConnection) -> anyhow::Result<Self> {
        track(database, "top").await?;
        database
            .execute_unprepared("select pg_stat_statements_reset()")
            .await?;
        Ok(Self { database })
    }

    pub(crate) async fn end(self) -> anyhow::Result<Asked> {
        let sql = "select query, calls from pg_stat_statements(true) as seen
                   where query not like '%pg_stat_statements%' and query not like '%pg_reload_conf%'
                   order by calls desc";
        let rows = self
            .database
            .query_all_raw(Statement::from_string(DbBackend::Postgres, sql))
            .await?;
        track(self.database, "none").await?;
        let mut asked = Asked::default();
        for row in rows {
            let (query, calls): (String, i64) = (row.try_get("", "query")?, row.try_get("", "calls")?);
            asked.statements += calls as f64;
            asked.most_of_one = asked.most_of_one.max(calls as f64);
            if query.contains(r#"FROM "media""#) {
                asked.reads_of_posts += calls as f64;
            }
            asked.each.push((query, calls));
        }
        Ok(asked)
    }
}

/// Sessions heed it before their next statement.
async fn track(database: &DatabaseConnection, what: &str) -> anyhow::Result<()> {
    let set = format!("alter system set pg_stat_statements.track = '{what}'");
    database.execute_unprepared(&set).await?;
    database.execute_unprepared("select pg_reload_conf()").await?;
    let shown = Statement::from_string(DbBackend::Postgres, "show pg_stat_statements.track");
    loop {
        let row = database.query_one_raw(shown.clone()).await?;
        let now: Option<String> = row.map(|row| row.try_get_by_index(0)).transpose()?;
        if now.as_deref() == Some(what) {
            return Ok(());
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}
