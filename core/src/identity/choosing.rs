//! How a new password is chosen: counted by network, then what costs nothing, then how soon it would be guessed.

use super::{
    Identity, IdentityError, Visit,
    password_rules::{LONGEST, SHORTEST, Weakness, check_length},
    settings::LONGEST_NAME,
};
use crate::validation::Check;
use secrecy::SecretString;

impl Identity {
    /// Counts that somebody chooses a password, whatever comes of it, before anything else is done for it.
    ///
    /// # Errors
    /// [`IdentityError::TooManyTries`] when the network did so too often.
    pub(super) async fn count_choice(&self, visit: &Visit) -> Result<(), IdentityError> {
        let Some(network) = self.networks.of_anybody(visit) else {
            return Ok(());
        };
        self.throttle.begin_choice(&network, self.clock.now()).await?;
        Ok(())
    }

    /// Refuses a password that may not be chosen by somebody about whom these words are known.
    ///
    /// # Errors
    /// [`IdentityError::Invalid`], [`IdentityError::Busy`].
    pub(super) async fn check_new_password(
        &self,
        field: &str,
        password: &SecretString,
        about: &[String],
    ) -> Result<(), IdentityError> {
        checked_length(field, password)?;
        self.refuse_common(field, password, about).await
    }

    /// Refuses a password that would be guessed soon by somebody who knows these words about the person.
    ///
    /// # Errors
    /// [`IdentityError::Invalid`], [`IdentityError::Busy`].
    pub(super) async fn refuse_common(
        &self,
        field: &str,
        password: &SecretString,
        about: &[String],
    ) -> Result<(), IdentityError> {
        let mut check = Check::default();
        if self.passwords.is_common(password, known_words(about)).await? {
            refuse(&mut check, field, Weakness::Common);
        }
        check.finish().map_err(IdentityError::Invalid)
    }
}

/// Refuses a password that is too short or too long.
///
/// # Errors
/// [`IdentityError::Invalid`].
pub(super) fn checked_length(field: &str, password: &SecretString) -> Result<(), IdentityError> {
    let mut check = Check::default();
    refuse_length(&mut check, field, password);
    check.finish().map_err(IdentityError::Invalid)
}

/// The same, noted beside what else is wrong.
pub(super) fn refuse_length(check: &mut Check, field: &str, password: &SecretString) {
    if let Err(weakness) = check_length(password) {
        refuse(check, field, weakness);
    }
}

fn refuse(check: &mut Check, field: &str, weakness: Weakness) {
    let (code, message) = in_words(weakness);
    check.refuse(field, code, message);
}

/// What is about the person may be as long as a body: only so much of it is looked at.
fn known_words(about: &[String]) -> Vec<String> {
    about
        .iter()
        .map(|word| word.chars().take(LONGEST_NAME).collect())
        .collect()
}

fn in_words(weakness: Weakness) -> (&'static str, String) {
    match weakness {
        Weakness::TooShort => ("too_short", format!("must have at least {SHORTEST} characters")),
        Weakness::TooLong => ("too_long", format!("must have at most {LONGEST} characters")),
        Weakness::Common => (
            "too_common",
            "is among the passwords that are tried first; choose one that is longer or less usual".to_owned(),
        ),
    }
}
