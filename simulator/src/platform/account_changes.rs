//! Adding and changing accounts, by username.

use std::sync::Arc;

use super::state::Platform;
use super::tokens::TokenKind;
use crate::accounts::{Account, AccountEdit, AccountRecord, AccountView, NewAccount, Revocation};
use crate::error::SimulatorError;

impl Platform {
    pub(crate) fn add_account(&self, account: NewAccount) -> Result<Arc<Account>, SimulatorError> {
        let added = self.accounts.add(AccountRecord::new(account, self.clock.now()))?;
        self.changes.mark();
        Ok(added)
    }

    pub(crate) fn edit_account(
        &self,
        username: &str,
        edit: &AccountEdit,
    ) -> Result<AccountView, SimulatorError> {
        let account = self.accounts.edit(username, edit)?;
        self.changes.mark();
        Ok(self.view(&account))
    }

    pub(crate) fn revoke(&self, username: &str, why: Revocation) -> Result<(), SimulatorError> {
        self.accounts.named(username)?.edit(|record| record.revoke(why));
        self.changes.mark();
        Ok(())
    }

    pub(crate) fn mint_token(&self, username: &str) -> Result<String, SimulatorError> {
        let account = self.accounts.named(username)?;
        Ok(self.issue_token(&account, TokenKind::Long, self.all_scopes()).0)
    }
}
