//! What belongs to the database as a whole: the master key that it was set up with.

use crate::{
    database::Database,
    security::{MasterKey, MasterKeys},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};
use vitrine_entity::{
    InstallationOwned,
    installation::{ActiveModel, Column, Entity, KEYS_FOUNDED_ON, MASTER_KEY_ID},
    sealing_key_wrap,
};

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
    known(database.connection()).await
}

/// The same, within a transaction.
pub async fn known(connection: &impl ConnectionTrait) -> Result<Option<String>, DbErr> {
    value(connection, MASTER_KEY_ID).await
}

/// Id of the master key that gave all keys before the database had its own; none in newer databases.
pub async fn founding_master_key(connection: &impl ConnectionTrait) -> Result<Option<String>, DbErr> {
    value(connection, KEYS_FOUNDED_ON).await
}

async fn value(connection: &impl ConnectionTrait, name: &str) -> Result<Option<String>, DbErr> {
    let row = Entity::row(name).one(connection).await?;
    Ok(row.map(|row| row.value))
}

/// Makes this the master key that counts; false when it did before. Of several at once, one gets true.
pub async fn put_in_place(connection: &impl ConnectionTrait, master: &MasterKey) -> Result<bool, DbErr> {
    let changed = Entity::update_rows()
        .col_expr(Column::Value, Expr::value(master.id()))
        .filter(Column::Name.eq(MASTER_KEY_ID))
        .filter(Column::Value.ne(master.id()))
        .exec(connection)
        .await?;
    Ok(changed.rows_affected > 0)
}

/// Makes the current one the database's master key if it has none, and refuses any that does not open its keys.
/// Twice is safe, also at once from several processes: one key stands. While the master key is being changed, both
/// the new and the old one are good.
///
/// # Errors
/// [`InstallationError::OtherMasterKey`], with nothing written, or when the database fails.
pub async fn claim(database: &Database, masters: &MasterKeys) -> Result<(), InstallationError> {
    let given = masters.current.id();
    let known = match master_key_id(database).await? {
        Some(known) => known,
        None => {
            write_unless_known(database, &given).await?;
            master_key_id(database).await?.unwrap_or_default()
        }
    };
    if known == given {
        return Ok(());
    }
    let may_be_another = masters.all().any(|master| master.id() == known);
    if may_be_another || opens_keys(database, &given).await? {
        tracing::warn!(
            master_key.known = known,
            master_key.given = given,
            "the master key is being changed: `vitrine admin rotate-master-key` makes the new one count"
        );
        return Ok(());
    }
    Err(InstallationError::OtherMasterKey { known, given })
}

/// Whether keys of the installation are wrapped under this master key.
async fn opens_keys(database: &Database, master_key_id: &str) -> Result<bool, DbErr> {
    let wraps = sealing_key_wrap::Entity::rows()
        .filter(sealing_key_wrap::Column::MasterKeyId.eq(master_key_id))
        .count(database.connection())
        .await?;
    Ok(wraps > 0)
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
