//! How somebody who is signed in shows their password once more.

use crate::identity::{
    ClientInfo, IdentityError,
    passwords::{
        hasher::PasswordHasher,
        rules::{LONGEST, Weakness, check_length},
    },
    throttle::Attempts,
    users::rows::find_user,
};
use secrecy::SecretString;
use vitrine_base::{database::Database, validation::Check};
use vitrine_entity::{UserId, user};

/// Holds passwords against those of people who are signed in.
#[derive(Clone)]
pub(in crate::identity) struct PasswordConfirmation {
    database: Database,
    attempts: Attempts,
    hasher: PasswordHasher,
}

impl PasswordConfirmation {
    /// The service over its parts.
    pub(in crate::identity) fn new(database: Database, attempts: Attempts, hasher: PasswordHasher) -> Self {
        Self {
            database,
            attempts,
            hasher,
        }
    }

    /// The person, once the password was found to be theirs.
    ///
    /// # Errors
    /// [`IdentityError::WrongPassword`], [`IdentityError::Invalid`] for one that is too long to be anybody's,
    /// [`IdentityError::TooManyTries`], [`IdentityError::UserGone`].
    pub(in crate::identity) async fn confirm(
        &self,
        user: UserId,
        password: &SecretString,
        client: &ClientInfo,
    ) -> Result<user::Model, IdentityError> {
        check_current_password(password)?;
        let user = find_user(self.database.connection(), user).await?;
        let judging = async {
            let hash = Some(user.password_hash.clone());
            let fits = self.hasher.verify(password, hash).await?;
            fits.then_some(()).ok_or(IdentityError::WrongPassword)
        };
        self.attempts
            .judge(&user.email, Some(user.id), client, judging)
            .await?;
        Ok(user)
    }
}

/// Refuses what is too long to be anybody's password. It is no try that failed: nothing was guessed.
///
/// # Errors
/// [`IdentityError::Invalid`] about `current_password`.
pub fn check_current_password(password: &SecretString) -> Result<(), IdentityError> {
    let mut check = Check::default();
    if check_length(password) == Err(Weakness::TooLong) {
        let message = format!("must have at most {LONGEST} characters");
        check.refuse("current_password", "too_long", message);
    }
    check.finish().map_err(IdentityError::Invalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_too_long_is_refused() {
        let check = |length| check_current_password(&"a".repeat(length).into());

        assert!(check(1).is_ok() && check(LONGEST).is_ok());
        assert!(
            matches!(check(LONGEST + 1), Err(IdentityError::Invalid(errors)) if errors[0].code == "too_long")
        );
    }
}
