//! Accounts and their posts, as their owner sees them.

use super::{AccountError, Accounts};
use crate::calls::call_budget::{cooldown_at, known_of};
use sea_orm::{ColumnTrait, DbErr, QueryFilter};
use std::{collections::HashMap, time::Duration};
use vitrine_base::paging::{Page, PageRequest};
use vitrine_entity::{AccountId, TenantId, TenantOwned, Time, account, account_token, media};
use vitrine_limits::budget::WINDOW;

/// Everything about one account.
#[derive(Clone, Debug)]
pub struct AccountDetail {
    /// The account.
    pub account: account::Model,
    /// Its token's dates.
    pub token: Option<account_token::Model>,
    /// Time between two syncs.
    pub sync_every: Duration,
    /// Its call budget.
    pub quota: Quota,
}

/// A call budget, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Calls in a window.
    pub limit: u32,
    /// Calls used.
    pub used: u32,
    /// Calls left.
    pub remaining: u32,
    /// Length of the rolling window.
    pub window: Duration,
    /// When the oldest of the used calls stops counting.
    pub resets_at: Option<Time>,
    /// Until when no call is made.
    pub blocked_until: Option<Time>,
}

impl Accounts {
    /// A tenant's accounts, newest first.
    ///
    /// # Errors
    /// [`AccountError::BadCursor`].
    pub async fn list(
        &self,
        tenant: TenantId,
        page: PageRequest,
    ) -> Result<Page<AccountDetail>, AccountError> {
        let connection = self.database.connection();
        let (list, select) = (format!("accounts:{tenant}"), account::Entity::of(tenant));
        let page = self
            .cursors
            .page_by_id(
                connection,
                &list,
                select,
                account::Column::Id,
                &page,
                |row: &account::Model| row.id.0,
            )
            .await?;
        let ids: Vec<AccountId> = page.data.iter().map(|account| account.id).collect();
        let mut tokens = self.tokens(tenant, ids).await?;
        let mut data = Vec::with_capacity(page.data.len());
        for account in page.data {
            let token = tokens.remove(&account.id);
            data.push(self.detail(account, token).await);
        }
        Ok(Page {
            data,
            next_cursor: page.next_cursor,
            limit: page.limit,
        })
    }

    /// One account.
    ///
    /// # Errors
    /// [`AccountError::NotFound`].
    pub async fn get(&self, tenant: TenantId, id: AccountId) -> Result<AccountDetail, AccountError> {
        let account = self.find(tenant, id).await?;
        let token = self.tokens(tenant, vec![id]).await?.remove(&id);
        Ok(self.detail(account, token).await)
    }

    /// An account's stored posts, newest first, also those that no feed shows.
    ///
    /// # Errors
    /// [`AccountError::NotFound`], [`AccountError::BadCursor`].
    pub async fn media(
        &self,
        tenant: TenantId,
        id: AccountId,
        page: PageRequest,
    ) -> Result<Page<media::Model>, AccountError> {
        self.find(tenant, id).await?;
        let list = format!("media:{id}");
        let behind = self.cursors.start(&list, &page)?;
        let select = media::Entity::of(tenant)
            .filter(media::Column::AccountId.eq(id))
            .filter(media::Column::HiddenUpstreamAt.is_null());
        let posts = vitrine_feeds::newest(select, behind, page.limit + 1)
            .all(self.database.connection())
            .await?;
        let bookmark = vitrine_feeds::Position::of;
        Ok(self.cursors.page(&list, &page, posts, bookmark))
    }

    async fn tokens(
        &self,
        tenant: TenantId,
        ids: Vec<AccountId>,
    ) -> Result<HashMap<AccountId, account_token::Model>, DbErr> {
        let rows = account_token::Entity::of(tenant)
            .filter(account_token::Column::AccountId.is_in(ids))
            .all(self.database.connection())
            .await?;
        Ok(rows.into_iter().map(|row| (row.account_id, row)).collect())
    }

    /// An account whose hour is used up is blocked until the first of its calls stops counting.
    async fn detail(&self, account: account::Model, token: Option<account_token::Model>) -> AccountDetail {
        let used = self.budget.usage(account.id, known_of(&account)).await;
        let limit = self.calls_per_hour.get();
        let cooldown = cooldown_at(account.blocked_until, self.clock.now());
        let quota = Quota {
            limit,
            used: used.used,
            remaining: limit.saturating_sub(used.used),
            window: WINDOW,
            resets_at: used.resets_at,
            blocked_until: cooldown.or(used.resets_at.filter(|_| used.used >= limit)),
        };
        AccountDetail {
            sync_every: self.cadence.sync_every(&account),
            account,
            token,
            quota,
        }
    }
}
