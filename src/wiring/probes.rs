//! Looks at what no process can do without.

use std::sync::Arc;

use vitrine_accounts::jobs::JobQueue;
use vitrine_api::{Probe, ProbeError};
use vitrine_base::database::Database;
use vitrine_base::database::WriteProbe;

use super::schema;

/// One for each part.
pub(super) fn probes(database: &Database, jobs: &Arc<dyn JobQueue>) -> Vec<Probe> {
    let (migrated, jobs) = (database.clone(), Arc::clone(jobs));
    let writes = Arc::new(WriteProbe::new(database.clone()));
    vec![
        Probe::new("database", move || {
            let writes = Arc::clone(&writes);
            async move { writes.check().await }
        }),
        Probe::new("migrations", move || {
            let database = migrated.clone();
            async move { schema_fits(&database).await }
        }),
        Probe::new("queue", move || {
            let jobs = Arc::clone(&jobs);
            async move { jobs.ping().await }
        }),
    ]
}

async fn schema_fits(database: &Database) -> Result<(), ProbeError> {
    let standing = schema::read(database).await?;
    match (standing.pending.len(), standing.must_know) {
        (0, None) => Ok(()),
        (0, Some(migration)) => Err(format!("a newer version applied {migration}").into()),
        (count, _) => Err(format!("{count} migrations are pending").into()),
    }
}
