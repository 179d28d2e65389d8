//! What can be said of a shown password before it is held against the stored one.

use crate::identity::{
    IdentityError,
    passwords::rules::{LONGEST, Weakness, check_length},
};
use secrecy::SecretString;
use vitrine_base::validation::Check;

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
