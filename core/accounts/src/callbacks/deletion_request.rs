//! Taking orders to delete what is stored about a person, and telling where they stand.

use super::{
    CallbackError, Callbacks,
    deauthorize::{digest, order},
};
use sea_orm::{ActiveModelTrait, ColumnTrait, QueryFilter};
use vitrine_base::database::is_duplicate;
use vitrine_entity::{
    InstallationOwned, Time,
    data_deletion::{Column, DeletionReason, Entity, Model},
};

/// Where a deletion stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeletionStatus {
    /// Why it is done.
    pub reason: DeletionReason,
    /// When it was asked for.
    pub received_at: Time,
    /// When it will begin at the earliest.
    pub not_before: Time,
    /// When it began.
    pub started_at: Option<Time>,
    /// When nothing was left.
    pub finished_at: Option<Time>,
    /// Accounts that are gone.
    pub accounts_deleted: i32,
    /// Accounts that stay, because a consent was given after the request.
    pub accounts_kept: i32,
    /// Posts that are gone.
    pub media_deleted: i64,
}

impl Callbacks {
    /// Takes an order to delete everything about a person, and gives the code of its status page. Nobody known is a
    /// success; the same request twice is one deletion, however long ago it was done.
    ///
    /// # Errors
    /// [`CallbackError::NotGenuine`], or when the database fails.
    pub async fn request_deletion(&self, signed_request: &str) -> Result<String, CallbackError> {
        let request = self.read(signed_request)?;
        let now = self.clock.now();
        let row = order(&request, DeletionReason::Requested, now, now);
        match row.insert(self.database.connection()).await {
            Ok(row) => Ok(row.confirmation_code),
            Err(error) if is_duplicate(&error) => {
                let digest = digest(&request, DeletionReason::Requested);
                self.find(Column::RequestDigest.eq(digest))
                    .await
                    .map(|row| row.confirmation_code)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Where the deletion with this code stands.
    ///
    /// # Errors
    /// [`CallbackError::UnknownCode`], or when the database fails.
    pub async fn deletion(&self, code: &str) -> Result<DeletionStatus, CallbackError> {
        let row = self.find(Column::ConfirmationCode.eq(code)).await?;
        Ok(DeletionStatus {
            reason: row.reason,
            received_at: row.received_at,
            not_before: row.not_before,
            started_at: row.started_at,
            finished_at: row.finished_at,
            accounts_deleted: row.accounts_deleted,
            accounts_kept: row.accounts_kept,
            media_deleted: row.media_deleted,
        })
    }

    async fn find(&self, condition: sea_orm::sea_query::SimpleExpr) -> Result<Model, CallbackError> {
        let row = Entity::rows().filter(condition).one(self.database.connection());
        row.await?.ok_or(CallbackError::UnknownCode)
    }
}
