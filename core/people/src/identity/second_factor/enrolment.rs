//! How a person's second factor is switched on and off.

use super::{
    codes::SecondFactorCodes,
    recovery_codes::{codes_left, drop_codes},
    rows::{confirm, factor_of, put_unless_confirmed},
    totp::{Authenticator, Enrolment},
};
use crate::{
    identity::{
        ClientInfo, IdentityError, Person,
        notices::SecurityNotices,
        passwords::confirmation::PasswordConfirmation,
        sessions::{ending::end_sessions, guard::still_signed_in},
        throttle::Attempts,
        users::rows::find_user,
    },
    mail::Notice,
};
use sea_orm::ActiveValue::Set;
use secrecy::SecretString;
use vitrine_base::{clock::SharedClock, database::Database, security::Sealed};
use vitrine_entity::{InstallationOwned, Time, UserId, second_factor, user};

/// Where a person's second factor stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecondFactorState {
    /// Since when signing in needs a code; none while it does not.
    pub enabled_at: Option<Time>,
    /// Recovery codes that are left.
    pub recovery_codes: u64,
}

/// Second factors of people: codes of an authenticator (TOTP), and recovery codes for whoever lost it.
pub struct SecondFactor {
    pub(in crate::identity) database: Database,
    pub(in crate::identity) clock: SharedClock,
    pub(in crate::identity) attempts: Attempts,
    pub(in crate::identity) confirmation: PasswordConfirmation,
    pub(in crate::identity) codes: SecondFactorCodes,
    pub(in crate::identity) notices: SecurityNotices,
}

impl SecondFactor {
    /// Where a person's second factor stands.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn state(&self, user: UserId) -> Result<SecondFactorState, IdentityError> {
        let connection = self.database.connection();
        let factor = factor_of(connection, user).await?;
        Ok(SecondFactorState {
            enabled_at: factor.and_then(|factor| factor.confirmed_at),
            recovery_codes: codes_left(connection, user).await?,
        })
    }

    /// Makes a secret for an authenticator; it counts once [`SecondFactor::enable`] has seen a code of it. Asked again
    /// before, the older secret is forgotten.
    ///
    /// # Errors
    /// [`IdentityError::WrongPassword`], [`IdentityError::SecondFactorOn`], [`IdentityError::TooManyTries`], and
    /// [`IdentityError::SessionRevoked`] when the sign-in ended meanwhile.
    pub async fn begin(
        &self,
        person: &Person,
        password: &SecretString,
        client: &ClientInfo,
    ) -> Result<Enrolment, IdentityError> {
        let user = self.confirmation.confirm(person.user, password, client).await?;
        let authenticator = self.codes.authenticators.generate(&user)?;
        let row = self.unconfirmed(&user, &authenticator)?;
        let transaction = self.database.begin_write().await?;
        still_signed_in(&transaction, &user, person.session, self.clock.now()).await?;
        put_unless_confirmed(&transaction, row).await?;
        transaction.commit().await?;
        authenticator.enrolment()
    }

    fn unconfirmed(
        &self,
        user: &user::Model,
        authenticator: &Authenticator,
    ) -> Result<second_factor::ActiveModel, IdentityError> {
        let Sealed { ciphertext, key_id } = self.codes.authenticators.seal(user, authenticator)?;
        Ok(second_factor::ActiveModel {
            user_id: Set(user.id),
            secret: Set(ciphertext),
            key_id: Set(key_id),
            created_at: Set(self.clock.now()),
            confirmed_at: Set(None),
            last_step: Set(0),
            wrong_codes: Set(0),
        })
    }

    /// Switches the second factor on, once the person shows a code of it; gives their recovery codes, which are shown
    /// this once. Their other sign-ins end.
    ///
    /// # Errors
    /// [`IdentityError::InvalidCode`], [`IdentityError::SecondFactorOn`], [`IdentityError::SecondFactorOff`] when
    /// none was begun, [`IdentityError::TooManyTries`], and [`IdentityError::SessionRevoked`] when the sign-in ended
    /// meanwhile, or [`IdentityError::WrongPassword`] when the password was changed.
    pub async fn enable(
        &self,
        person: &Person,
        code: &SecretString,
        client: &ClientInfo,
    ) -> Result<Vec<SecretString>, IdentityError> {
        let user = find_user(self.database.connection(), person.user).await?;
        let factor = self.begun(user.id).await?;
        let judging = async { self.codes.step_of(&factor, &user, code) };
        let step = self
            .attempts
            .judge(&user.email, Some(user.id), client, judging)
            .await?;
        let now = self.clock.now();
        let transaction = self.database.begin_write().await?;
        // A reset in between ended this sign-in: whoever asks may be the one whom it was to put out.
        let user = still_signed_in(&transaction, &user, person.session, now).await?;
        confirm(&transaction, factor, step, now).await?;
        let codes = self.codes.recovery_codes.renew(&transaction, user.id).await?;
        end_sessions(&transaction, user.id, Some(person.session), now).await?;
        self.notices
            .send(&transaction, &user, Notice::SecondFactorOn)
            .await?;
        transaction.commit().await?;
        Ok(codes)
    }

    /// The second factor that a person has begun and not confirmed.
    async fn begun(&self, user: UserId) -> Result<second_factor::Model, IdentityError> {
        let factor = factor_of(self.database.connection(), user).await?;
        let factor = factor.ok_or(IdentityError::SecondFactorOff)?;
        match factor.confirmed_at {
            Some(_) => Err(IdentityError::SecondFactorOn),
            None => Ok(factor),
        }
    }

    /// Switches the second factor off and forgets it.
    ///
    /// # Errors
    /// [`IdentityError::WrongPassword`], [`IdentityError::InvalidCode`], [`IdentityError::SecondFactorOff`],
    /// [`IdentityError::TooManyTries`], and [`IdentityError::SessionRevoked`] when the sign-in ended meanwhile.
    pub async fn disable(
        &self,
        person: &Person,
        password: &SecretString,
        code: &SecretString,
        client: &ClientInfo,
    ) -> Result<(), IdentityError> {
        let user = self.confirm_both(person.user, password, code, client).await?;
        let transaction = self.database.begin_write().await?;
        let user = still_signed_in(&transaction, &user, person.session, self.clock.now()).await?;
        second_factor::Entity::delete_row(user.id)
            .exec(&transaction)
            .await?;
        drop_codes(&transaction, user.id).await?;
        self.notices
            .send(&transaction, &user, Notice::SecondFactorOff)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// New recovery codes in the place of the old ones.
    ///
    /// # Errors
    /// As [`SecondFactor::disable`].
    pub async fn renew_recovery_codes(
        &self,
        person: &Person,
        password: &SecretString,
        code: &SecretString,
        client: &ClientInfo,
    ) -> Result<Vec<SecretString>, IdentityError> {
        let user = self.confirm_both(person.user, password, code, client).await?;
        let transaction = self.database.begin_write().await?;
        let user = still_signed_in(&transaction, &user, person.session, self.clock.now()).await?;
        let codes = self.codes.recovery_codes.renew(&transaction, user.id).await?;
        transaction.commit().await?;
        Ok(codes)
    }

    /// The person, once they have shown their password and a code.
    async fn confirm_both(
        &self,
        user: UserId,
        password: &SecretString,
        code: &SecretString,
        client: &ClientInfo,
    ) -> Result<user::Model, IdentityError> {
        let user = self.confirmation.confirm(user, password, client).await?;
        let factor = factor_of(self.database.connection(), user.id).await?;
        let factor = factor.filter(|factor| factor.confirmed_at.is_some());
        let factor = factor.ok_or(IdentityError::SecondFactorOff)?;
        let judging = self.codes.spend(&factor, &user, code);
        self.attempts
            .judge(&user.email, Some(user.id), client, judging)
            .await?;
        Ok(user)
    }
}
