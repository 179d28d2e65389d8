//! Codes as they are shown: one of the authenticator, or a recovery code. Each works once.

use super::{
    authenticators::Authenticators,
    code_attempts::CodeAttempts,
    recovery_codes::RecoveryCodes,
    rows::{factor_of, spend_step},
};
use crate::{
    identity::{IdentityError, notices::SecurityNotices},
    mail::Notice,
};
use secrecy::SecretString;
use vitrine_base::{clock::SharedClock, database::Database};
use vitrine_entity::{Time, second_factor, user};

/// Judges codes, and uses them up.
#[derive(Clone)]
pub(in crate::identity) struct SecondFactorCodes {
    pub(in crate::identity) database: Database,
    pub(in crate::identity) clock: SharedClock,
    pub(in crate::identity) authenticators: Authenticators,
    pub(in crate::identity) recovery_codes: RecoveryCodes,
    pub(in crate::identity) code_attempts: CodeAttempts,
    pub(in crate::identity) notices: SecurityNotices,
}

impl SecondFactorCodes {
    /// Asks for a code where the person's sign-in needs one; gives since when it does.
    ///
    /// # Errors
    /// [`IdentityError::SecondFactorRequired`] without a code, [`IdentityError::InvalidCode`] for one that is wrong
    /// or was used before.
    pub(in crate::identity) async fn pass(
        &self,
        user: &user::Model,
        code: Option<&SecretString>,
    ) -> Result<Option<Time>, IdentityError> {
        let factor = factor_of(self.database.connection(), user.id).await?;
        let Some(factor) = factor.filter(|factor| factor.confirmed_at.is_some()) else {
            return Ok(None);
        };
        match code {
            Some(code) => self.spend(&factor, user, code).await?,
            None => return Err(IdentityError::SecondFactorRequired),
        }
        Ok(factor.confirmed_at)
    }

    /// Uses a code up: one of the authenticator, or a recovery code. Wrong ones are counted in `wrong_codes`.
    ///
    /// # Errors
    /// [`IdentityError::InvalidCode`] for one that is wrong or was used before, [`IdentityError::TooManyTries`].
    pub(super) async fn spend(
        &self,
        factor: &second_factor::Model,
        user: &user::Model,
        code: &SecretString,
    ) -> Result<(), IdentityError> {
        let used = match self.recovery_codes.digest(code) {
            Some(digest) => self.spend_recovery_code(user, digest).await,
            None => self.spend_authenticator_code(factor, user, code).await,
        };
        match used {
            Ok(()) => self.code_attempts.reset(user.id).await?,
            Err(IdentityError::InvalidCode) => self.code_attempts.record_wrong(user).await?,
            Err(_) => {}
        }
        used
    }

    /// Which step a code of the authenticator belongs to.
    ///
    /// # Errors
    /// [`IdentityError::InvalidCode`] for a wrong one.
    pub(super) fn step_of(
        &self,
        factor: &second_factor::Model,
        user: &user::Model,
        code: &SecretString,
    ) -> Result<i64, IdentityError> {
        let authenticator = self.authenticators.open(factor, user)?;
        let step = authenticator.step_of(code, self.clock.now());
        step.ok_or(IdentityError::InvalidCode)
    }

    async fn spend_authenticator_code(
        &self,
        factor: &second_factor::Model,
        user: &user::Model,
        code: &SecretString,
    ) -> Result<(), IdentityError> {
        self.code_attempts.allow(factor).await?;
        let step = self.step_of(factor, user, code)?;
        spend_step(self.database.connection(), user.id, step).await
    }

    async fn spend_recovery_code(&self, user: &user::Model, digest: String) -> Result<(), IdentityError> {
        let transaction = self.database.begin_write().await?;
        let left = self.recovery_codes.spend(&transaction, user.id, digest).await?;
        self.notices
            .send(&transaction, user, Notice::RecoveryCodeUsed { left })
            .await?;
        transaction.commit().await?;
        Ok(())
    }
}
