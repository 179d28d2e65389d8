//! Writes down in batches when keys were last used.

use super::{ApiKeys, key_cache::KeyEntry, last_use::LastUse};
use sea_orm::{ConnectionTrait, DbErr, Value};
use std::{sync::Arc, time::Duration};
use vitrine_base::{
    background::flush_until,
    database::{Database, statement_over},
};
use vitrine_entity::{ApiKeyId, Time};

/// How often it is written down: what bounds how late an owner sees a use.
const FLUSH_INTERVAL: Duration = Duration::from_mins(1);
/// Rows of one statement.
const ROWS_AT_ONCE: usize = 1_000;

impl ApiKeys {
    /// Writes down when keys were last used, every minute until `stop`, and once more after `end`, when
    /// nothing is asked for any more. A process that is killed loses what it noted since the last time.
    pub async fn flush_uses_periodically(
        self: Arc<Self>,
        stop: impl Future<Output = ()>,
        end: impl Future<Output = ()>,
    ) {
        flush_until(FLUSH_INTERVAL, stop, end, || self.flush_uses(&self.database)).await;
        match self.database.dedicated().await {
            Ok(apart) => self.flush_uses(&apart).await,
            Err(error) => tracing::warn!(error = %error, "no connection to store when keys were last used"),
        }
    }

    /// Writes down which keys were used since the last time, all in one statement for each thousand; what
    /// cannot be written goes with the next.
    pub async fn flush_uses(&self, database: &Database) {
        let noted = self.known.all();
        let mut owed: Vec<(ApiKeyId, Time, Arc<LastUse>)> = noted
            .filter_map(|known| {
                let KeyEntry { caller, used } = &known.copy;
                Some((caller.id, used.owed()?, Arc::clone(used)))
            })
            .collect();
        // Processes that write at the same time then wait for each other in one order only.
        owed.sort_unstable_by_key(|(id, ..)| *id);
        for some in owed.chunks(ROWS_AT_ONCE) {
            match write(database, some).await {
                Ok(()) => some.iter().for_each(|(_, at, used)| used.written(*at)),
                Err(error) => tracing::warn!(error = %error, "could not store when keys were last used"),
            }
        }
    }
}

async fn write(database: &Database, owed: &[(ApiKeyId, Time, Arc<LastUse>)]) -> Result<(), DbErr> {
    let connection = database.connection();
    let rows = owed
        .iter()
        .map(|(id, used_at, _)| -> [Value; 2] { [(*id).into(), (*used_at).into()] });
    let sql = |values: String| {
        format!(
            "with used (u_key, u_at) as (values {values})
            update api_key set last_used_at = u_at from used
            where id = u_key and (last_used_at is null or last_used_at < u_at)"
        )
    };
    let types = ["uuid", "timestamptz"];
    let statement = statement_over(connection.get_database_backend(), types, rows, sql);
    connection.execute_raw(statement).await.map(drop)
}
