//! Somebody removed the app.

use super::{CallbackError, Callbacks, SignedRequest, accounts_of, order_scope::drop_consent};
use crate::Reason;
use chrono::TimeDelta;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, QueryFilter, sea_query::Expr,
};
use std::time::Duration;
use vitrine_base::{
    clock::later,
    database::{Transaction, is_duplicate},
    random,
};
use vitrine_entity::{
    DataDeletionId, TenantOwned, Time,
    account::{self, AccountStatus},
    data_deletion::{self, DeletionReason},
};
use vitrine_people::audit::{self, Actor, AuditEntry};

/// How long the last good photos are shown to give the owner time to connect again; then all is deleted.
const PHOTOS_STAY: Duration = Duration::from_hours(30 * 24);
/// Letters and digits, without those that look alike.
const CODE_ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const CODE_LENGTH: usize = 20;

impl Callbacks {
    /// Destroys the tokens of all accounts of a person, in whatever tenant, and stops their schedules. A consent that
    /// was given after Meta signed the request stands, however late the request arrives. The photos
    /// stay for 30 days, unless the account is connected again meanwhile; then everything of the account is deleted.
    /// Nobody known is a success, and the same request twice changes nothing more.
    ///
    /// # Errors
    /// [`CallbackError::NotGenuine`], or when the database fails.
    pub async fn deauthorize(&self, signed_request: &str) -> Result<(), CallbackError> {
        let request = self.read(signed_request)?;
        let now = self.clock.now();
        let begins = later(self.safe_time.start().await?, PHOTOS_STAY);
        let transaction = self.database.begin_write().await?;
        let row = order(&request, DeletionReason::Deauthorized, now, begins);
        match row.insert(&transaction).await {
            Ok(_) => {}
            Err(error) if is_duplicate(&error) => return Ok(transaction.rollback().await?),
            Err(error) => return Err(error.into()),
        }
        let accounts = accounts_of(&transaction, &request.user_id).await?;
        let mut deauthorized = 0;
        for account in &accounts {
            if destroy_token(
                &transaction,
                account,
                meant_until(&request, now),
                Reason::AppRemoved,
                now,
            )
            .await?
            {
                note(&transaction, account, "account.deauthorized", now).await?;
                deauthorized += 1;
            }
        }
        transaction.commit().await?;
        tracing::info!(accounts = deauthorized, "somebody removed the app");
        Ok(())
    }
}

/// Consents that were given later than this are not meant by a request: it was issued within the second that begins
/// at `issued_at`, and not after it came, whatever Meta's clock says.
fn meant_until(request: &SignedRequest, received_at: Time) -> Time {
    std::cmp::min(request.issued_at + TimeDelta::seconds(1), received_at)
}

/// The row of a deletion.
pub(super) fn order(
    request: &SignedRequest,
    reason: DeletionReason,
    now: Time,
    not_before: Time,
) -> data_deletion::ActiveModel {
    data_deletion::ActiveModel {
        id: Set(DataDeletionId::generate()),
        reason: Set(reason),
        confirmation_code: Set(new_code()),
        request_digest: Set(digest(request, reason)),
        platform_user_id: Set(Some(request.user_id.clone())),
        received_at: Set(now),
        meant_until: Set(meant_until(request, now)),
        not_before: Set(not_before),
        started_at: Set(None),
        finished_at: Set(None),
        lease_until: Set(None),
        accounts_deleted: Set(0),
        accounts_kept: Set(0),
        media_deleted: Set(0),
    }
}

/// Meta may send the very same request to both addresses.
pub(super) fn digest(request: &SignedRequest, reason: DeletionReason) -> String {
    let kind = match reason {
        DeletionReason::Requested => "requested",
        DeletionReason::Deauthorized => "deauthorized",
    };
    format!("{kind}:{}", request.digest.to_hex())
}

fn new_code() -> String {
    let bytes: [u8; CODE_LENGTH] = random::bytes();
    let letter = |byte: &u8| char::from(CODE_ALPHABET[usize::from(byte % 32)]);
    bytes.iter().map(letter).collect()
}

/// The token is gone for good, and the schedules stand still until somebody consents again. Nothing happens, and
/// false comes back, where the token is of a consent that was given later than this.
pub(super) async fn destroy_token(
    transaction: &Transaction,
    account: &account::Model,
    meant_until: Time,
    reason: Reason,
    now: Time,
) -> Result<bool, DbErr> {
    if !drop_consent(transaction, account, meant_until).await? {
        return Ok(false);
    }
    account::Entity::update_of(account.tenant_id)
        .col_expr(
            account::Column::Status,
            Expr::value(AccountStatus::NeedsReconnect),
        )
        .col_expr(account::Column::StatusReason, Expr::value(reason))
        // An incident takes back what runs said in its time; this is no run's word.
        .col_expr(account::Column::SyncError, Expr::value(None::<String>))
        .col_expr(account::Column::NextSyncAt, Expr::value(None::<Time>))
        .col_expr(account::Column::UpdatedAt, Expr::value(now))
        .filter(account::Column::Id.eq(account.id))
        .exec(transaction)
        .await?;
    Ok(true)
}

/// Tells the owner what happened; the account may be gone by the time it is read.
pub(super) async fn note(
    connection: &impl ConnectionTrait,
    account: &account::Model,
    action: &'static str,
    now: Time,
) -> Result<(), DbErr> {
    let entry = AuditEntry::to(action, account.id.0);
    audit::record(connection, account.tenant_id, Actor::System, entry, now).await
}
