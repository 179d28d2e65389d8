//! The secrets of authenticators, as they are stored: sealed to their person.

use super::totp::Authenticator;
use crate::identity::IdentityError;
use vitrine_base::security::{Purpose, Sealed, Vault};
use vitrine_entity::{second_factor, user};

/// Makes authenticators, seals their secrets and opens them again.
#[derive(Clone)]
pub(in crate::identity) struct Authenticators {
    vault: Vault,
    site: String,
}

impl Authenticators {
    /// Authenticators that show the host of `public_url` beside their codes.
    pub(in crate::identity) fn new(vault: Vault, public_url: &str) -> Self {
        Self {
            vault,
            site: site(public_url),
        }
    }

    /// A new one for a person.
    ///
    /// # Errors
    /// [`IdentityError::SecondFactorUnreadable`].
    pub(super) fn generate(&self, user: &user::Model) -> Result<Authenticator, IdentityError> {
        Authenticator::generate(&self.site, &user.email)
    }

    /// Its secret, as it is stored.
    ///
    /// # Errors
    /// [`IdentityError::SecondFactorUnreadable`].
    pub(super) fn seal(
        &self,
        user: &user::Model,
        authenticator: &Authenticator,
    ) -> Result<Sealed, IdentityError> {
        self.vault
            .seal(Purpose::TotpSecret, user.id.0, authenticator.secret())
            .map_err(|_| IdentityError::SecondFactorUnreadable)
    }

    /// The one of a person, from what is stored.
    ///
    /// # Errors
    /// [`IdentityError::SecondFactorUnreadable`].
    pub(super) fn open(
        &self,
        factor: &second_factor::Model,
        user: &user::Model,
    ) -> Result<Authenticator, IdentityError> {
        let secret = self
            .vault
            .open(Purpose::TotpSecret, user.id.0, &factor.key_id, &factor.secret);
        let secret = secret.map_err(|_| IdentityError::SecondFactorUnreadable)?;
        Authenticator::of(secret, &self.site, &user.email)
    }
}

/// What authenticators show beside the code.
fn site(public_url: &str) -> String {
    let host = url::Url::parse(public_url)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned));
    format!("Vitrine {}", host.unwrap_or_default().replace(':', " "))
}
