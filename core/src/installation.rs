//! What belongs to the database as a whole: the master key that it was set up with.

use crate::{database::Database, security::MasterKey};
use sea_orm::{ActiveValue::Set, DbErr, EntityTrait, sea_query::OnConflict};
use vitrine_entity::installation::{ActiveModel, Column, Entity, MASTER_KEY_ID};

/// Why a process must not run on this database.
#[derive(Debug, thiserror::Error)]
pub enum InstallationError {
    /// What was sealed with the first key cannot be opened with this one.
    #[error(
        "the master key is not the one that this database was set up with \
         (its id is {known}, this one's is {given}); put the first key back, or start with an empty database"
    )]
    OtherMasterKey {
        /// Id of the key that the database knows.
        known: String,
        /// Id of the key that was given.
        given: String,
    },
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] DbErr),
}

/// Public id of the master key that the database was set up with; none before the first start.
///
/// # Errors
/// When the database fails, or lacks its tables.
pub async fn master_key_id(database: &Database) -> Result<Option<String>, DbErr> {
    let row = Entity::find_by_id(MASTER_KEY_ID)
        .one(database.connection())
        .await?;
    Ok(row.map(|row| row.value))
}

/// Makes this the database's master key if it has none, and refuses any other. Twice is safe, also at
/// once from several processes: one key stands.
///
/// # Errors
/// [`InstallationError::OtherMasterKey`], with nothing written, or when the database fails.
pub async fn claim(database: &Database, master: &MasterKey) -> Result<(), InstallationError> {
    let given = master.id();
    let known = match master_key_id(database).await? {
        Some(known) => known,
        None => {
            write_unless_known(database, &given).await?;
            master_key_id(database).await?.unwrap_or_default()
        }
    };
    if known == given {
        Ok(())
    } else {
        Err(InstallationError::OtherMasterKey { known, given })
    }
}

async fn write_unless_known(database: &Database, id: &str) -> Result<(), DbErr> {
    let row = ActiveModel {
        name: Set(MASTER_KEY_ID.to_owned()),
        value: Set(id.to_owned()),
    };
    let keep = OnConflict::column(Column::Name).do_nothing().to_owned();
    Entity::insert(row)
        .on_conflict(keep)
        .exec_without_returning(database.connection())
        .await?;
    Ok(())
}
