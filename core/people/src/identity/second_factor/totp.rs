//! Authenticators and recovery codes, without the database.

use crate::identity::{Enrolment, IdentityError};
use secrecy::{ExposeSecret, SecretString};
use totp_rs::{Algorithm, Builder, Totp};
use vitrine_entity::Time;
use zeroize::Zeroizing;

/// RFC 4226 recommends 160 bits.
const SECRET_BYTES: usize = 20;
/// Letters of a recovery code: those that are hard to take for another.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz234567890";
/// 80 bits.
const CODE_LETTERS: usize = 16;

/// A secret that we share with somebody's authenticator.
pub(in crate::identity) struct Authenticator {
    secret: Zeroizing<Vec<u8>>,
    totp: Totp,
}

impl Authenticator {
    pub(in crate::identity) fn generate(site: &str, email: &str) -> Result<Self, IdentityError> {
        Self::of(
            Zeroizing::new(rand::random::<[u8; SECRET_BYTES]>().to_vec()),
            site,
            email,
        )
    }

    /// SHA-1, six digits and thirty seconds: what every authenticator can do. A code of the step before or after
    /// fits too, for clocks that differ.
    pub(in crate::identity) fn of(
        secret: Zeroizing<Vec<u8>>,
        site: &str,
        email: &str,
    ) -> Result<Self, IdentityError> {
        let totp = Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_step_duration(30)
            .with_skew(1)
            .with_secret(secret.to_vec())
            .with_account_name(email)
            .with_issuer(Some(site))
            .build()
            .map_err(|_| IdentityError::SecondFactorUnreadable)?;
        Ok(Self { secret, totp })
    }

    pub(in crate::identity) fn secret(&self) -> &[u8] {
        &self.secret
    }

    /// Which step a code belongs to; none for a wrong one.
    pub(in crate::identity) fn step_of(&self, code: &SecretString, now: Time) -> Option<i64> {
        let code: String = code.expose_secret().chars().filter(|sign| *sign != ' ').collect();
        let fits = code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit());
        let seconds = u64::try_from(now.timestamp()).ok()?;
        let step = fits.then(|| self.totp.check(&code, seconds)).flatten()?;
        i64::try_from(step).ok()
    }

    pub(in crate::identity) fn enrolment(&self) -> Result<Enrolment, IdentityError> {
        let address = self.totp.to_url();
        Ok(Enrolment {
            secret: self.totp.secret().to_base32().into(),
            address: address.map_err(|_| IdentityError::SecondFactorUnreadable)?.into(),
        })
    }
}

/// A new recovery code, in groups of four.
pub(in crate::identity) fn recovery_code() -> SecretString {
    let random: [u8; CODE_LETTERS] = rand::random();
    let letters: Vec<char> = random
        .iter()
        .map(|byte| char::from(LETTERS[usize::from(byte % 32)]))
        .collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join("-").into()
}

/// What is kept of a recovery code; none for what cannot be one. It is long and random, so a keyed hash does.
pub(in crate::identity) fn digest_of(key: &[u8; 32], code: &SecretString) -> Option<String> {
    let text = code.expose_secret();
    let letters: String = text
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|sign| sign.to_ascii_lowercase())
        .collect();
    let fits = text.len() <= 64 && letters.len() == CODE_LETTERS;
    fits.then(|| blake3::keyed_hash(key, letters.as_bytes()).to_hex().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B, cut to six digits.
        let secret = Zeroizing::new(b"12345678901234567890".to_vec());
        let authenticator = Authenticator::of(secret, "Vitrine", "ada@example.com").unwrap();
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();

        assert_eq!(authenticator.step_of(&"287082".into(), at(59)), Some(1));
        assert_eq!(authenticator.step_of(&"287 082".into(), at(89)), Some(1));
        assert_eq!(authenticator.step_of(&"287082".into(), at(90)), None);
        assert_eq!(
            authenticator.step_of(&"050471".into(), at(1_111_111_111)),
            Some(37_037_037)
        );
        for wrong in ["", "28708", "2870822", "abcdef", "２８７０８２"] {
            assert_eq!(authenticator.step_of(&wrong.into(), at(59)), None, "{wrong}");
        }
    }

    #[test]
    fn a_recovery_code_may_be_written_in_any_way() {
        let (key, code) = ([1; 32], recovery_code());
        let text = code.expose_secret();

        let loose = text.replace('-', " ").to_uppercase();
        assert_eq!(text.len(), 19);
        assert_eq!(digest_of(&key, &loose.into()), digest_of(&key, &code));
        assert_ne!(digest_of(&[2; 32], &code), digest_of(&key, &code));
        assert_eq!(digest_of(&key, &"too-short".into()), None);
    }
}
