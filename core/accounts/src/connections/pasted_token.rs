//! Connecting with a token that an owner pastes.

use super::{ConnectError, Connections, consent::Consent};
use crate::{AccountDetail, CallBudget, CallError};
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;
use vitrine_base::validation::Check;
use vitrine_entity::{TenantId, UserId};
use vitrine_instagram::{AccessToken, Client};
use vitrine_limits::budget::CallClass;

const LONGEST_TOKEN: usize = 2_000;
/// How tokens of Facebook Login begin; those of Instagram Login begin with `IGAA`.
const OF_FACEBOOK: &str = "EAA";

/// A token that somebody pasted, or what it was exchanged for.
struct Pasted {
    token: AccessToken,
    life: Option<Duration>,
    app_proved: bool,
}

impl Connections {
    /// Connects with a token that was pasted. One of an hour is exchanged for a long one; of one made in Meta's
    /// dashboard, which is long already, the expiry is assumed and learnt with the first refresh.
    ///
    /// # Errors
    /// [`ConnectError::TokenRejected`], [`ConnectError::FacebookToken`], [`ConnectError::PersonalAccount`] and the
    /// like.
    pub async fn with_token(
        &self,
        tenant: TenantId,
        by: Option<UserId>,
        token: SecretString,
    ) -> Result<AccountDetail, ConnectError> {
        let mut check = Check::default();
        let text = check.text("access_token", token.expose_secret(), LONGEST_TOKEN);
        check.finish().map_err(ConnectError::Invalid)?;
        let is_of_facebook = text.starts_with(OF_FACEBOOK);
        self.count_connection(tenant).await?;
        let pasted = self.exchange_if_short(AccessToken::from(text)).await?;
        let profile = match self.profile(&pasted.token).await {
            Err(ConnectError::TokenRejected) if is_of_facebook => Err(ConnectError::FacebookToken),
            profile => profile,
        }?;
        let consent = Consent {
            token: pasted.token,
            app_proved: pasted.app_proved,
            life: pasted.life,
            exchange_user_id: None,
            expected: None,
            by,
        };
        let account = self.establish(tenant, consent, profile).await?;
        Ok(self.accounts.get(tenant, account).await?)
    }

    /// A pasted token may be one of an hour. What cannot be exchanged is long already, or no token of this app; then
    /// nothing is said of its life.
    async fn exchange_if_short(&self, token: AccessToken) -> Result<Pasted, ConnectError> {
        let call_budget = CallBudget::of_app(CallClass::Interactive);
        let short = &token;
        let lengthen = |client: Client| async move { client.long_lived(short).await };
        match self.calls.make(&call_budget, lengthen).await {
            Ok(long) => Ok(Pasted {
                token: long.token,
                life: long.expires_in,
                app_proved: true,
            }),
            Err(CallError::Failed(failure)) if !failure.is_transient() => Ok(Pasted {
                token,
                life: None,
                app_proved: false,
            }),
            Err(error) => Err(error.into()),
        }
    }
}
