//! How somebody who is signed in proves that it is them at the keyboard.

use crate::identity::{
    ClientInfo, IdentityError, passwords::confirmation::PasswordConfirmation,
    second_factor::codes::SecondFactorCodes, throttle::Attempts,
};
use secrecy::SecretString;
use vitrine_entity::{UserId, user};

/// What somebody who is signed in shows to prove that it is them at the keyboard.
#[derive(Clone, Copy, Debug)]
pub struct Reauthentication<'a> {
    /// Their password.
    pub password: &'a SecretString,
    /// A code of their second factor; needed where they have one.
    pub code: Option<&'a SecretString>,
}

/// Judges what people who are signed in show.
#[derive(Clone)]
pub(in crate::identity) struct Reauthenticator {
    pub(in crate::identity) attempts: Attempts,
    pub(in crate::identity) confirmation: PasswordConfirmation,
    pub(in crate::identity) codes: SecondFactorCodes,
}

impl Reauthenticator {
    /// The person, by all that a sign-in of theirs needs.
    ///
    /// # Errors
    /// As [`Reauthenticator::confirm_password`] and [`Reauthenticator::confirm_code`].
    pub(in crate::identity) async fn reauthenticate(
        &self,
        user: UserId,
        presence: &Reauthentication<'_>,
        client: &ClientInfo,
    ) -> Result<user::Model, IdentityError> {
        let user = self.confirm_password(user, presence.password, client).await?;
        self.confirm_code(&user, presence.code, client).await?;
        Ok(user)
    }

    /// The person, by their password alone.
    ///
    /// # Errors
    /// [`IdentityError::WrongPassword`], [`IdentityError::Invalid`], [`IdentityError::TooManyTries`],
    /// [`IdentityError::UserGone`].
    pub(in crate::identity) async fn confirm_password(
        &self,
        user: UserId,
        password: &SecretString,
        client: &ClientInfo,
    ) -> Result<user::Model, IdentityError> {
        self.confirmation.confirm(user, password, client).await
    }

    /// Asks for a code, where signing in needs one.
    ///
    /// # Errors
    /// [`IdentityError::SecondFactorRequired`], [`IdentityError::InvalidCode`], [`IdentityError::TooManyTries`].
    pub(in crate::identity) async fn confirm_code(
        &self,
        user: &user::Model,
        code: Option<&SecretString>,
        client: &ClientInfo,
    ) -> Result<(), IdentityError> {
        let judging = self.codes.pass(user, code);
        self.attempts
            .judge(&user.email, Some(user.id), client, judging)
            .await?;
        Ok(())
    }
}
