//! How much is due, for whoever watches.

use super::{REFRESHES, SYNCS, Schedule, due_rows::REQUESTED};
use crate::jobs::JobClass;
use sea_orm::{ConnectionTrait, DbErr, Statement};
use vitrine_base::background::leased_work::LeaseNames;
use vitrine_entity::Time;

/// What is due in one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The line.
    pub class: JobClass,
    /// Due rows, as many as were counted.
    pub rows: u64,
    /// The longest time that one has been due.
    pub oldest: Option<Time>,
}

impl Schedule {
    /// Counts what is due in each line, up to `most` rows of each.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn due(&self, most: u32) -> Result<Vec<Due>, DbErr> {
        let mut due = Vec::with_capacity(JobClass::ALL.len());
        for class in JobClass::ALL {
            due.push(self.count(class, most).await?);
        }
        Ok(due)
    }

    async fn count(&self, class: JobClass, most: u32) -> Result<Due, DbErr> {
        let LeaseNames { table, due, .. } = match class {
            JobClass::Refresh => REFRESHES.names(),
            JobClass::Sync => SYNCS.names(),
            JobClass::Interactive => REQUESTED.names(),
        };
        let sql = format!(
            "select count(*) as rows, min(due) as oldest from (
                select {due} as due from {table} where {due} <= $1 order by {due} limit {most}
            ) as due"
        );
        let connection = self.database.connection();
        let backend = connection.get_database_backend();
        let statement = Statement::from_sql_and_values(backend, sql, [self.clock.now().into()]);
        let row = connection.query_one_raw(statement).await?;
        let row = row.ok_or_else(|| DbErr::RecordNotFound("a count".to_owned()))?;
        let rows: i64 = row.try_get("", "rows")?;
        Ok(Due {
            class,
            rows: u64::try_from(rows).unwrap_or_default(),
            oldest: row.try_get("", "oldest")?,
        })
    }
}
