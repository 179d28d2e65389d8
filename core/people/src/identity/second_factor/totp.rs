//! Authenticators (TOTP, RFC 6238), without the database.

use crate::identity::IdentityError;
use secrecy::{ExposeSecret, SecretString};
use totp_rs::{Algorithm, Builder, Totp};
use vitrine_base::random;
use vitrine_entity::Time;
use zeroize::Zeroizing;

/// RFC 4226 recommends 160 bits.
const SECRET_BYTES: usize = 20;

/// What a person has to put into their authenticator.
#[derive(Debug)]
pub struct Enrolment {
    /// The secret in base32, to be typed.
    pub secret: SecretString,
    /// The same as an `otpauth://` address, to be shown as a picture.
    pub address: SecretString,
}

/// A secret that we share with somebody's authenticator.
pub(super) struct Authenticator {
    secret: Zeroizing<Vec<u8>>,
    totp: Totp,
}

impl Authenticator {
    pub(super) fn generate(site: &str, email: &str) -> Result<Self, IdentityError> {
        Self::of(
            Zeroizing::new(random::bytes::<SECRET_BYTES>().to_vec()),
            site,
            email,
        )
    }

    /// SHA-1, six digits and thirty seconds: what every authenticator can do. A code of the step before or after
    /// fits too, for clocks that differ.
    pub(super) fn of(secret: Zeroizing<Vec<u8>>, site: &str, email: &str) -> Result<Self, IdentityError> {
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

    pub(super) fn secret(&self) -> &[u8] {
        &self.secret
    }

    /// Which step a code belongs to; none for a wrong one.
    pub(super) fn step_of(&self, code: &SecretString, now: Time) -> Option<i64> {
        let code: String = code.expose_secret().chars().filter(|sign| *sign != ' ').collect();
        let fits = code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit());
        let seconds = u64::try_from(now.timestamp()).ok()?;
        let step = fits.then(|| self.totp.check(&code, seconds)).flatten()?;
        i64::try_from(step).ok()
    }

    pub(super) fn enrolment(&self) -> Result<Enrolment, IdentityError> {
        let address = self.totp.to_url();
        Ok(Enrolment {
            secret: self.totp.secret().to_base32().into(),
            address: address.map_err(|_| IdentityError::SecondFactorUnreadable)?.into(),
        })
    }
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
}
