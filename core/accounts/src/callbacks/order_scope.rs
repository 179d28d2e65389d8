//! Which accounts an order means.

use crate::Reason;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, PaginatorTrait, QueryFilter, QuerySelect};
use vitrine_base::database::Transaction;
use vitrine_entity::{
    InstallationOwned, TenantOwned, Time, account, account_token,
    data_deletion::{Column, DeletionReason, Entity, Model},
};

/// A consent that was given after the request stands; and of a person who only removed the app, what nobody
/// connected again. Whoever removed it anew since has the whole time anew: the newer order means what is left.
pub(super) async fn applies_to(
    connection: &impl ConnectionTrait,
    order: &Model,
    account: &account::Model,
) -> Result<bool, DbErr> {
    if order.reason == DeletionReason::Deauthorized
        && (Reason::of_stored(account.status_reason.as_deref()) != Some(Reason::AppRemoved)
            || was_removed_anew(connection, order, account).await?)
    {
        return Ok(false);
    }
    let token = account_token::Entity::of(account.tenant_id)
        .filter(account_token::Column::AccountId.eq(account.id))
        .one(connection)
        .await?;
    Ok(token.is_none_or(|token| token.issued_at <= order.meant_until))
}

async fn was_removed_anew(
    connection: &impl ConnectionTrait,
    order: &Model,
    account: &account::Model,
) -> Result<bool, DbErr> {
    let ids = [
        Some(&account.platform_user_id),
        account.app_scoped_id.as_ref(),
        account.exchange_user_id.as_ref(),
    ];
    let newer = Entity::rows()
        .filter(Column::Reason.eq(DeletionReason::Deauthorized))
        .filter(Column::PlatformUserId.is_in(ids.into_iter().flatten()))
        .filter(Column::FinishedAt.is_null())
        .filter(Column::ReceivedAt.gt(order.received_at));
    Ok(newer.count(connection).await? > 0)
}

/// Drops the token that is meant, and holds the account, so that nobody connects it until the transaction ends.
/// False where a consent was given later.
pub(super) async fn drop_consent(
    transaction: &Transaction,
    account: &account::Model,
    meant_until: Time,
) -> Result<bool, DbErr> {
    account_token::Entity::delete_of(account.tenant_id)
        .filter(account_token::Column::AccountId.eq(account.id))
        .filter(account_token::Column::IssuedAt.lte(meant_until))
        .exec(transaction)
        .await?;
    // Whoever connects writes the account and then its first token: waiting for the one shows the other.
    account::Entity::of(account.tenant_id)
        .filter(account::Column::Id.eq(account.id))
        .lock_exclusive()
        .one(transaction)
        .await?;
    let later = account_token::Entity::of(account.tenant_id)
        .filter(account_token::Column::AccountId.eq(account.id))
        .one(transaction)
        .await?;
    Ok(later.is_none())
}
