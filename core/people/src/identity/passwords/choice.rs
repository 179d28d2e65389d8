//! How a new password is chosen: counted by whoever chooses it, then what costs nothing, then how soon it would be guessed.

use crate::identity::{
    IdentityError,
    passwords::{
        hasher::PasswordHasher,
        rules::{LONGEST, SHORTEST, Weakness, check_length},
    },
    throttle::{Attempts, ChosenBy},
    users::names::LONGEST_NAME,
};
use secrecy::SecretString;
use vitrine_base::validation::Check;

/// Judges and hashes new passwords.
#[derive(Clone)]
pub(in crate::identity) struct PasswordChoice {
    attempts: Attempts,
    hasher: PasswordHasher,
}

impl PasswordChoice {
    /// The service over its parts.
    pub(in crate::identity) fn new(attempts: Attempts, hasher: PasswordHasher) -> Self {
        Self { attempts, hasher }
    }

    /// Counts that the person of an address chooses a password: see [`Attempts::count_choice`].
    ///
    /// # Errors
    /// [`IdentityError::TooManyTries`] when they did so too often.
    pub(in crate::identity) async fn count(&self, by: ChosenBy, email: &str) -> Result<(), IdentityError> {
        self.attempts.count_choice(by, email).await
    }

    /// Refuses a password that may not be chosen by somebody about whom these words are known.
    ///
    /// # Errors
    /// [`IdentityError::Invalid`], [`IdentityError::Busy`].
    pub(in crate::identity) async fn check(
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
    pub(in crate::identity) async fn refuse_common(
        &self,
        field: &str,
        password: &SecretString,
        about: &[String],
    ) -> Result<(), IdentityError> {
        let mut check = Check::default();
        if self.hasher.is_common(password, known_words(about)).await? {
            refuse(&mut check, field, Weakness::Common);
        }
        check.finish().map_err(IdentityError::Invalid)
    }

    /// The hash of a password that was judged.
    ///
    /// # Errors
    /// [`IdentityError::Busy`] when there is more to hash than the machine can.
    pub(in crate::identity) async fn hash(&self, password: &SecretString) -> Result<String, IdentityError> {
        self.hasher.hash(password).await
    }
}

/// Refuses a password that is too short or too long.
///
/// # Errors
/// [`IdentityError::Invalid`].
pub(in crate::identity) fn checked_length(field: &str, password: &SecretString) -> Result<(), IdentityError> {
    let mut check = Check::default();
    refuse_length(&mut check, field, password);
    check.finish().map_err(IdentityError::Invalid)
}

/// The same, noted beside what else is wrong.
pub(in crate::identity) fn refuse_length(check: &mut Check, field: &str, password: &SecretString) {
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
            "is too easy to guess; choose one that is longer or less common".to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        identity::{ClientInfo, Reauthentication},
        testing::{PASSWORD, WithPeople, ada},
    };
    use secrecy::ExposeSecret;
    use vitrine_base::testing::{Bed, on_both_engines};

    on_both_engines!(whoever_knows_nothing_keeps_nobody_from_choosing);

    /// More often than anybody may choose, on the network of the owner.
    async fn whoever_knows_nothing_keeps_nobody_from_choosing(bed: Bed) {
        let identity = bed.identity();
        let client = ClientInfo {
            address: Some([203, 0, 113, 5].into()),
            user_agent: None,
        };
        let signed_in = identity
            .registration
            .register(ada(), client.clone())
            .await
            .unwrap();
        let person = identity
            .sessions
            .authenticate(signed_in.access_token.expose_secret())
            .await
            .unwrap();
        let (link, password, new) = ("vt_pr_junk".into(), PASSWORD.into(), "a brand new phrase".into());
        for _ in 0..60 {
            let refused = identity
                .password_recovery
                .reset(&link, &new, &client)
                .await
                .map(drop);
            assert!(matches!(refused, Err(IdentityError::LinkUnknown)), "{refused:?}");
        }

        let presence = Reauthentication {
            password: &password,
            code: None,
        };
        identity
            .password_change
            .change(&person, &presence, &new, &client)
            .await
            .unwrap();
    }

    #[test]
    fn so_much_is_looked_at_of_what_is_about_the_person() {
        let about = ["é".repeat(LONGEST_NAME + 1), "Ada".to_owned()];

        let words = known_words(&about);

        assert_eq!(words, ["é".repeat(LONGEST_NAME), "Ada".to_owned()]);
    }

    #[tokio::test]
    async fn a_person_chooses_so_often_by_each_way() {
        let bed = Bed::sqlite().await;
        let identity = bed.identity();
        let mut chosen = 0;
        while identity
            .invited_people
            .choice
            .count(ChosenBy::Password, "ada@example.com")
            .await
            .is_ok()
        {
            chosen += 1;
        }

        assert_eq!(chosen, 20);
        for (by, email) in [
            (ChosenBy::Link, "ada@example.com"),
            (ChosenBy::Password, "bob@example.com"),
        ] {
            identity.invited_people.choice.count(by, email).await.unwrap();
        }
    }
}
