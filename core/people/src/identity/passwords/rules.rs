//! Which passwords may be chosen (NIST SP 800-63B, section 3.1.1.2): long enough, and not among those that are
//! tried first. Nothing else is asked of them.

use secrecy::{ExposeSecret, SecretString};
use unicode_normalization::UnicodeNormalization;

/// Fewest code points.
pub(in crate::identity) const SHORTEST: usize = 8;
/// Most code points: longer than any pass phrase, and it bounds the work of all that follows.
pub(in crate::identity) const LONGEST: usize = 256;
/// No code point takes more bytes.
const WIDEST: usize = 4;

/// Why a password may not be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::identity) enum Weakness {
    TooShort,
    TooLong,
    Common,
}

/// The length of a password; far too long ones are refused without being read.
pub(in crate::identity) fn check_length(password: &SecretString) -> Result<(), Weakness> {
    let text = password.expose_secret();
    if text.len() > LONGEST * WIDEST {
        return Err(Weakness::TooLong);
    }
    match text.chars().count() {
        ..SHORTEST => Err(Weakness::TooShort),
        SHORTEST..=LONGEST => Ok(()),
        _ => Err(Weakness::TooLong),
    }
}

/// The same password for what is typed the same, whichever keyboard composed it (NFKC).
pub(in crate::identity) fn prepared(password: &SecretString) -> SecretString {
    let text = password.expose_secret();
    if text.is_ascii() {
        return password.clone();
    }
    text.nfkc().collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_counted_in_code_points() {
        let check = |text: String| check_length(&text.into());

        assert_eq!(check("short77".into()), Err(Weakness::TooShort));
        assert_eq!(check("ä".repeat(8)), Ok(()));
        assert_eq!(check("😀".repeat(256)), Ok(()));
        assert_eq!(check("a".repeat(257)), Err(Weakness::TooLong));
        assert_eq!(check("a".repeat(1024 * 1024)), Err(Weakness::TooLong));
    }

    #[test]
    fn one_password_typed_on_two_keyboards_is_one() {
        let (composed, decomposed) = ("gr\u{fc}n gr\u{fc}n", "gru\u{308}n gru\u{308}n");

        assert_eq!(
            prepared(&composed.into()).expose_secret(),
            prepared(&decomposed.into()).expose_secret()
        );
    }
}
