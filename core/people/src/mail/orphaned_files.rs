//! Emails that were kept as files live as long as their rows: these go with their tenants and people, and when they
//! are old.

use super::{Files, outbox::MAIL};
use sea_orm::{ColumnTrait, DbErr, QueryFilter, QuerySelect};
use std::collections::HashSet;
use vitrine_base::database::Database;
use vitrine_entity::{InstallationOwned, OutboxId, outbox};

/// Emails that are looked for in one statement.
const AT_ONCE: usize = 500;

/// Deletes files whose rows are gone; gives how many. Each process looks after its own directory, since another's may
/// be on another machine. A row comes before its file, so none is deleted that is being written.
///
/// # Errors
/// When the database fails. A file that cannot be deleted is logged, and tried again next time.
pub(super) async fn delete_orphans(database: &Database, files: &Files) -> Result<usize, DbErr> {
    let mut deleted = 0;
    for some in files.kept().await.chunks(AT_ONCE) {
        let known = known(database, some.iter().map(|file| file.row)).await?;
        for file in some.iter().filter(|file| !known.contains(&file.row)) {
            deleted += usize::from(file.delete().await);
        }
    }
    Ok(deleted)
}

async fn known(
    database: &Database,
    rows: impl Iterator<Item = OutboxId>,
) -> Result<HashSet<OutboxId>, DbErr> {
    let known: Vec<OutboxId> = outbox::Entity::rows()
        .select_only()
        .column(outbox::Column::Id)
        .filter(outbox::Column::Id.is_in(rows))
        .filter(outbox::Column::Kind.eq(MAIL))
        .into_tuple()
        .all(database.connection())
        .await?;
    Ok(known.into_iter().collect())
}
