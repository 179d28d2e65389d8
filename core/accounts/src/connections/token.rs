//! Storing the token of a consent.

use super::{ConnectError, Connections, consent::Consent};
use crate::{Reason, ask_for_attention};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, sea_query::OnConflict,
};
use vitrine_base::database::Transaction;
use vitrine_entity::{TenantOwned, Time, account, account_token};

impl Connections {
    /// Seals the token of a consent and puts it in the place of an older one.
    pub(super) async fn keep_token(
        &self,
        transaction: &Transaction,
        account: &account::Model,
        consent: &Consent,
        now: Time,
    ) -> Result<(), ConnectError> {
        let sealed = self.vault.seal_token(account.id, consent.token.expose())?;
        let plan = self.cadence.renewal(consent.life, now);
        let row = account_token::ActiveModel {
            account_id: Set(account.id),
            tenant_id: Set(account.tenant_id),
            ciphertext: Set(sealed.ciphertext),
            key_id: Set(sealed.key_id),
            issued_at: Set(now),
            expires_at: Set(plan.expires_at),
            expiry_assumed: Set(plan.assumed),
            app_proved: Set(Some(consent.app_proved)),
            refreshed_at: Set(None),
            next_refresh_at: Set(Some(plan.next_refresh_at)),
            refresh_lease_id: Set(None),
            refresh_lease_until: Set(None),
            failures: Set(0),
            last_error: Set(None),
        };
        account_token::Entity::insert(row)
            .on_conflict(replace_the_old_token())
            .exec_without_returning(transaction)
            .await?;
        if plan.is_short {
            let (tenant, id) = (account.tenant_id, account.id);
            ask_for_attention(transaction, tenant, id, Reason::TokenShortLived, now).await?;
        }
        Ok(())
    }
}

/// The token before its account, as whoever judges or destroys it does: so that no two wait for each other.
pub(super) async fn hold_token(transaction: &Transaction, account: &account::Model) -> Result<(), DbErr> {
    account_token::Entity::of(account.tenant_id)
        .filter(account_token::Column::AccountId.eq(account.id))
        .lock_exclusive()
        .one(transaction)
        .await
        .map(drop)
}

fn replace_the_old_token() -> OnConflict {
    use account_token::Column;
    OnConflict::column(Column::AccountId)
        .update_columns([
            Column::Ciphertext,
            Column::KeyId,
            Column::IssuedAt,
            Column::ExpiresAt,
            Column::ExpiryAssumed,
            Column::AppProved,
            Column::RefreshedAt,
            Column::NextRefreshAt,
            Column::RefreshLeaseId,
            Column::RefreshLeaseUntil,
            Column::Failures,
            Column::LastError,
        ])
        .to_owned()
}
