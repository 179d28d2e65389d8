//! Everything that an installation keeps, as text.

use super::{Engines, Installation, database};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

impl Installation {
    /// Every row of every table, and of a SQLite database the bytes of its files as well.
    pub(crate) async fn database_text(&self) -> String {
        let database = database(self).await;
        let connection = database.connection();
        let mut text = String::new();
        for table in tables(connection).await {
            let sql = match connection.get_database_backend() {
                DbBackend::Postgres => format!(r#"select row_to_json(t)::text as line from "{table}" t"#),
                _ => format!(
                    "select {} as line from \"{table}\"",
                    columns(connection, &table).await.join(" || ' ' || ")
                ),
            };
            for row in connection
                .query_all_raw(statement(connection, sql))
                .await
                .unwrap()
            {
                let line: Option<String> = row.try_get("", "line").unwrap();
                text.push_str(&format!("{table} {}\n", line.unwrap_or_default()));
            }
        }
        if self.engines() == Engines::Alone {
            text.push_str(&self.file_text());
        }
        text
    }

    /// What the SQLite files hold, read byte by byte.
    fn file_text(&self) -> String {
        let data = self.directory.path().join("data");
        let mut text = String::new();
        for name in ["vitrine.db", "vitrine.db-wal", "vitrine.db-shm"] {
            if let Ok(bytes) = std::fs::read(data.join(name)) {
                text.extend(bytes.iter().map(|byte| char::from(*byte)));
                text.push('\n');
            }
        }
        text
    }

    /// Every key and value in Redis; empty without one.
    pub(crate) async fn redis_text(&self) -> String {
        let Some((_, url)) = self
            .settings
            .iter()
            .find(|(name, _)| name == "VITRINE_REDIS__URL")
        else {
            return String::new();
        };
        let client = redis::Client::open(url.as_str()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        let keys: Vec<Vec<u8>> = redis::cmd("KEYS")
            .arg("*")
            .query_async(&mut connection)
            .await
            .unwrap();
        let mut text = String::new();
        for key in keys {
            let dumped: redis::Value = value_of(&key, &mut connection).await;
            text.push_str(&format!("{} {dumped:?}\n", String::from_utf8_lossy(&key)));
            collect(&dumped, &mut text);
        }
        text
    }
}

async fn value_of(key: &[u8], connection: &mut redis::aio::MultiplexedConnection) -> redis::Value {
    let kind: String = redis::cmd("TYPE").arg(key).query_async(connection).await.unwrap();
    let mut command = match kind.as_str() {
        "string" => redis::cmd("GET"),
        "hash" => redis::cmd("HGETALL"),
        "set" => redis::cmd("SMEMBERS"),
        "list" => redis::cmd("LRANGE"),
        "zset" => redis::cmd("ZRANGE"),
        "stream" => redis::cmd("XRANGE"),
        _ => return redis::Value::Nil,
    };
    command.arg(key);
    match kind.as_str() {
        "list" | "zset" => command.arg(0).arg(-1),
        "stream" => command.arg("-").arg("+"),
        _ => &mut command,
    };
    command.query_async(connection).await.unwrap()
}

fn collect(value: &redis::Value, text: &mut String) {
    match value {
        redis::Value::BulkString(bytes) => {
            text.extend(bytes.iter().map(|byte| char::from(*byte)));
            text.push('\n');
        }
        redis::Value::Array(values) | redis::Value::Set(values) => {
            values.iter().for_each(|value| collect(value, text));
        }
        redis::Value::Map(pairs) => pairs.iter().for_each(|(name, value)| {
            collect(name, text);
            collect(value, text);
        }),
        other => text.push_str(&format!("{other:?}\n")),
    }
}

fn statement(connection: &impl ConnectionTrait, sql: String) -> Statement {
    Statement::from_string(connection.get_database_backend(), sql)
}

async fn tables(connection: &impl ConnectionTrait) -> Vec<String> {
    let sql = match connection.get_database_backend() {
        DbBackend::Postgres => {
            "select table_name::text as name from information_schema.tables where table_schema = 'public'"
        }
        _ => "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'",
    };
    let rows = connection
        .query_all_raw(statement(connection, sql.to_owned()))
        .await
        .unwrap();
    rows.iter().map(|row| row.try_get("", "name").unwrap()).collect()
}

async fn columns(connection: &impl ConnectionTrait, table: &str) -> Vec<String> {
    let sql = format!("select name from pragma_table_info('{table}')");
    let rows = connection
        .query_all_raw(statement(connection, sql))
        .await
        .unwrap();
    let names = rows.iter().map(|row| row.try_get::<String>("", "name").unwrap());
    names
        .map(|name| {
            format!(
                "coalesce(case typeof(\"{name}\") when 'blob' then hex(\"{name}\") else \"{name}\" end, '')"
            )
        })
        .collect()
}
