//! Instagram's consent, with our callback or the owner's own page.

use super::{
    ConnectError, Connections,
    attempt::{NewAttempt, Redeemed},
    consent::Consent,
};
use crate::{AccountDetail, CallBudget};
use sea_orm::{ColumnTrait, QueryFilter};
use secrecy::{ExposeSecret, SecretString};
use url::Url;
use vitrine_entity::{AccountId, TenantId, TenantOwned, Time, UserId, account, connect_attempt::Model};
use vitrine_instagram::{AuthorizationCode, Client, LoginPrompt};
use vitrine_limits::{
    budget::CallClass,
    plans::{Limit, consume_daily},
};
use vitrine_people::identity::Person;

/// How somebody wants to connect.
#[derive(Clone, Debug, Default)]
pub struct BeginConnection {
    /// Where Instagram sends the browser; the built-in callback when not named.
    pub redirect_uri: Option<String>,
    /// Where the built-in callback sends the browser on.
    pub return_to: Option<String>,
    /// The account to reconnect; no other may come back.
    pub account_id: Option<AccountId>,
}

/// A connection that was begun.
#[derive(Debug)]
pub struct StartedConnection {
    /// Where to send the browser, in its top window.
    pub authorize_url: Url,
    /// What comes back with the code.
    pub state: SecretString,
    /// When the state dies.
    pub expires_at: Time,
}

impl Connections {
    /// Begins a connection.
    ///
    /// # Errors
    /// [`ConnectError::Invalid`] for addresses that are not allowed, [`ConnectError::NotFound`] for
    /// an account of nobody or somebody else, [`ConnectError::AccessLost`].
    pub async fn begin(
        &self,
        tenant: TenantId,
        by: Option<&Person>,
        begin: BeginConnection,
    ) -> Result<StartedConnection, ConnectError> {
        let (redirect_uri, return_to) = (begin.redirect_uri.as_deref(), begin.return_to.as_deref());
        let return_to = self.check_addresses(tenant, redirect_uri, return_to).await?;
        if let Some(account) = begin.account_id {
            self.existing(tenant, account).await?;
        }
        let redirect_uri = begin.redirect_uri.unwrap_or_else(|| self.settings.callback());
        let prompt = if begin.account_id.is_some() {
            LoginPrompt::Reuse
        } else {
            LoginPrompt::ForceReauth
        };
        let new = NewAttempt {
            tenant,
            by,
            redirect_uri,
            return_to,
            account: begin.account_id,
        };
        self.count_connection(tenant).await?;
        let (state, attempt) = self.open_attempt(new).await?;
        let authorize_url =
            self.calls
                .client()
                .authorize_url(&attempt.redirect_uri, state.expose_secret(), prompt);
        Ok(StartedConnection {
            authorize_url,
            state,
            expires_at: attempt.expires_at,
        })
    }

    /// Completes a connection whose code came to the owner's own page. Asked twice, the same
    /// account is answered.
    ///
    /// # Errors
    /// [`ConnectError::StateUnknown`] also for another tenant's state,
    /// [`ConnectError::RedirectMismatch`] when the page is not the one it was begun for.
    pub async fn complete(
        &self,
        tenant: TenantId,
        by: Option<UserId>,
        code: &str,
        state: &str,
        redirect_uri: &str,
    ) -> Result<AccountDetail, ConnectError> {
        let attempt = self.find_attempt(state).await?;
        let same_person = attempt.user_id.is_none() || by.is_none() || attempt.user_id == by;
        if attempt.tenant_id != tenant || !same_person {
            return Err(ConnectError::StateUnknown);
        }
        if attempt.redirect_uri != redirect_uri {
            return Err(ConnectError::RedirectMismatch);
        }
        let account = self.finish(attempt, Ok(code.to_owned())).await?;
        Ok(self.accounts.get(tenant, account).await?)
    }

    /// Redeems the state, once, for a code or for the reason why there is none.
    pub(super) async fn finish(
        &self,
        attempt: Model,
        code: Result<String, ConnectError>,
    ) -> Result<AccountId, ConnectError> {
        let attempt = match self.redeem(&attempt).await? {
            Redeemed::Before(account) => return Ok(account),
            Redeemed::First(attempt) => attempt,
        };
        let outcome = match code {
            Ok(code) => self.exchange(&attempt, code).await,
            Err(refusal) => Err(refusal),
        };
        let outcome = match outcome {
            Err(error) if error.account().is_none() => Err(error.of(self.wanted(&attempt).await)),
            outcome => outcome,
        };
        self.close_attempt(&attempt, &outcome).await?;
        outcome
    }

    /// The name of the account that was to be connected again.
    async fn wanted(&self, attempt: &Model) -> Option<String> {
        let account = self.existing(attempt.tenant_id, attempt.account_id?).await.ok()?;
        account.username
    }

    /// Code to short token, short token to long token, and who it is.
    async fn exchange(&self, attempt: &Model, code: String) -> Result<AccountId, ConnectError> {
        let (code, redirect_uri) = (AuthorizationCode::from(code), attempt.redirect_uri.clone());
        let call_budget = CallBudget::of_app(CallClass::Interactive);
        let redeem = |client: Client| {
            let (code, redirect_uri) = (&code, &redirect_uri);
            async move {
                let grant = client.exchange_code(code, redirect_uri).await?;
                Ok(vitrine_instagram::Answer {
                    usage: grant.usage,
                    value: grant,
                })
            }
        };
        let grant = self.calls.make(&call_budget, redeem).await?;
        check_permissions(self.calls.client().required_scope(), grant.permissions.as_deref())?;
        let short = &grant.token;
        let lengthen = |client: Client| async move { client.long_lived(short).await };
        let long = self.calls.make(&call_budget, lengthen).await?;
        let profile = self.profile(&long.token).await?;
        let consent = Consent {
            token: long.token,
            life: long.expires_in,
            app_proved: true,
            exchange_user_id: Some(grant.user_id),
            expected: attempt.account_id,
            by: attempt.user_id,
        };
        self.establish(attempt.tenant_id, consent, profile).await
    }

    /// Each connection costs calls that the app pays for, and all tenants share them.
    pub(super) async fn count_connection(&self, tenant: TenantId) -> Result<(), ConnectError> {
        let connection = self.database.connection();
        consume_daily(connection, tenant, Limit::ConnectionsPerDay, self.clock.now()).await??;
        Ok(())
    }

    async fn existing(&self, tenant: TenantId, id: AccountId) -> Result<account::Model, ConnectError> {
        let connection = self.database.connection();
        let account = account::Entity::of(tenant)
            .filter(account::Column::Id.eq(id))
            .one(connection)
            .await?;
        account.ok_or(ConnectError::NotFound)
    }
}

/// Owners may untick permissions. The old dialect does not say which were given.
fn check_permissions(needed: &str, given: Option<&[String]>) -> Result<(), ConnectError> {
    match given {
        Some(given) if !given.iter().any(|scope| scope == needed) => {
            Err(ConnectError::PermissionMissing(needed.to_owned()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unticked_permission_is_named() {
        let given = |scopes: &[&str]| scopes.iter().map(ToString::to_string).collect::<Vec<_>>();

        let missing = check_permissions(
            "instagram_business_basic",
            Some(&given(&["instagram_business_manage_comments"])),
        );
        let present = check_permissions(
            "instagram_business_basic",
            Some(&given(&["a", "instagram_business_basic"])),
        );

        assert!(
            matches!(missing, Err(ConnectError::PermissionMissing(scope)) if scope == "instagram_business_basic")
        );
        assert!(present.is_ok());
        assert!(check_permissions("user_profile", None).is_ok());
    }
}
