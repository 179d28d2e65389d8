//! The control calls as methods, for tests in the same process.

use super::running::RunningSimulator;
use crate::accounts::{AccountEdit, AccountView, NewAccount, Revocation};
use crate::callbacks::{CallbackAnswer, SignedCallback, WebhookCallback};
use crate::calls::{CallFilter, CallReport};
use crate::error::SimulatorError;
use crate::faults::FaultRule;
use crate::media::{MediaEdit, MediaView, NewPost};
use crate::platform::{Code, TokenKind};

impl RunningSimulator {
    /// Adds an account.
    ///
    /// # Errors
    /// When the username is none or taken.
    pub fn add_account(&self, account: NewAccount) -> Result<AccountView, SimulatorError> {
        let added = self.platform.add_account(account)?;
        Ok(self.platform.view(&added))
    }

    /// All accounts in the order they were added.
    #[must_use]
    pub fn accounts(&self) -> Vec<AccountView> {
        self.platform
            .accounts
            .all()
            .iter()
            .map(|account| self.platform.view(account))
            .collect()
    }

    /// One account.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn account(&self, username: &str) -> Result<AccountView, SimulatorError> {
        Ok(self.platform.view(&*self.platform.accounts.named(username)?))
    }

    /// Changes an account; nothing when the new username is refused.
    ///
    /// # Errors
    /// When there is no such account, or the new username is none or taken.
    pub fn edit_account(&self, username: &str, edit: &AccountEdit) -> Result<AccountView, SimulatorError> {
        self.platform.edit_account(username, edit)
    }

    /// Posts to an account now; gives the media.
    ///
    /// # Errors
    /// When there is no such account.
    pub fn post_media(&self, username: &str, post: NewPost) -> Result<MediaView, SimulatorError> {
        self.platform.post_media(username, post)
    }

    /// The media of an account, newest first, those never listed included.
    ///
    /// # Errors
    /// When there is no such account.
    pub fn media(&self, username: &str) -> Result<Vec<MediaView>, SimulatorError> {
        self.platform.media_views(username)
    }

    /// Changes a media.
    ///
    /// # Errors
    /// When the account has no such media.
    pub fn edit_media(
        &self,
        username: &str,
        id: &str,
        edit: &MediaEdit,
    ) -> Result<MediaView, SimulatorError> {
        self.platform.edit_media(username, id, edit)
    }

    /// Deletes a media, its files included.
    ///
    /// # Errors
    /// When the account has no such media, as on the second time.
    pub fn delete_media(&self, username: &str, id: &str) -> Result<(), SimulatorError> {
        self.platform.delete_media(username, id)
    }

    /// Kills every token of an account given out so far. New consent gives live ones again.
    ///
    /// # Errors
    /// When there is no such account.
    pub fn revoke(&self, username: &str, why: Revocation) -> Result<(), SimulatorError> {
        self.platform.revoke(username, why)
    }

    /// A long-lived token with every permission, as the app's dashboard makes them.
    ///
    /// # Errors
    /// When there is no such account.
    pub fn mint_token(&self, username: &str) -> Result<String, SimulatorError> {
        self.platform.mint_token(username)
    }

    /// Whose token this is, if a call with it would be answered now.
    #[must_use]
    pub fn accepts(&self, token: &str) -> Option<String> {
        crate::hosts::graph::holder(&self.platform, token)
    }

    /// A token of one hour with every permission, as the code exchange gives them.
    ///
    /// # Errors
    /// When there is no such account.
    pub fn mint_short_token(&self, username: &str) -> Result<String, SimulatorError> {
        let account = self.platform.accounts.named(username)?;
        Ok(self
            .platform
            .issue_token(&account, TokenKind::Short, self.platform.all_scopes())
            .0)
    }

    /// A code as if the person had just consented to everything.
    ///
    /// # Errors
    /// When there is no such account.
    pub fn issue_code(&self, username: &str, redirect_uri: &str) -> Result<String, SimulatorError> {
        let account = self.platform.accounts.named(username)?;
        Ok(self.platform.codes.issue(Code {
            account: account.number,
            scopes: self.platform.all_scopes(),
            client_id: self.platform.settings.client_id.clone(),
            redirect_uri: redirect_uri.to_owned(),
            issued_at: self.platform.clock.unix_now(),
            spent: false,
        }))
    }

    /// Replaces every rule for faults; each starts counting anew. An empty list ends all faults.
    pub fn set_faults(&self, rules: Vec<FaultRule>) {
        self.platform.faults.set(rules);
    }

    /// The rules for faults in force.
    #[must_use]
    pub fn faults(&self) -> Vec<FaultRule> {
        self.platform.faults.rules()
    }

    /// Sends a deauthorize callback or a data deletion request; the two differ only in their address.
    ///
    /// # Errors
    /// When there is no such account, the address is not loopback, or nobody answers.
    pub async fn send_signed(
        &self,
        callback: &SignedCallback,
    ) -> Result<Vec<CallbackAnswer>, SimulatorError> {
        self.platform.send_signed(callback).await
    }

    /// Sends a webhook handshake or a signed comment event.
    ///
    /// # Errors
    /// When there is no such account, the address is not loopback, or nobody answers.
    pub async fn send_webhook(
        &self,
        callback: &WebhookCallback,
    ) -> Result<Vec<CallbackAnswer>, SimulatorError> {
        self.platform.send_webhook(callback).await
    }

    /// Exact counts of the calls made, and the newest of them.
    #[must_use]
    pub fn calls(&self, filter: &CallFilter) -> CallReport {
        self.platform.calls.report(&self.platform.accounts, filter)
    }

    /// Starts every count at zero again.
    pub fn clear_calls(&self) {
        self.platform.calls.clear(&self.platform.accounts);
    }
}
