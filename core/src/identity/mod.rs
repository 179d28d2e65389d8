//! People, their tenants and their sign-ins.

mod access_token;
mod error;
mod passwords;
mod refresh_token;
mod registration;
mod sessions;
mod settings;

pub use access_token::AccessTokens;
pub use error::IdentityError;
pub use passwords::Passwords;
pub use refresh_token::RefreshTokens;
pub use registration::NewRegistration;
pub use settings::TenantChange;

use crate::{clock::SharedClock, database::Database, security::KeyRing};
use secrecy::SecretString;
use std::time::Duration;
use vitrine_entity::{SessionId, TenantId, UserId, membership::Role, tenant, user};

/// How long a sign-in lasts when it is not used.
pub const REFRESH_LIFETIME: Duration = Duration::from_hours(30 * 24);

/// Somebody who proved to be a member.
#[derive(Clone, Debug)]
pub struct Person {
    /// The tenant that the sign-in is for.
    pub tenant: TenantId,
    /// Who it is.
    pub user: UserId,
    /// The sign-in.
    pub session: SessionId,
    /// What the member may do, as of now.
    pub role: Role,
}

/// A sign-in that succeeded.
#[derive(Debug)]
pub struct SignedIn {
    /// Who it is.
    pub user: user::Model,
    /// Whose space was entered.
    pub tenant: tenant::Model,
    /// What the member may do.
    pub role: Role,
    /// Opens the API.
    pub access_token: SecretString,
    /// How long it does.
    pub expires_in: Duration,
    /// Gets the next pair, once.
    pub refresh_token: SecretString,
}

/// Registers people, signs them in and keeps their sessions.
pub struct Identity {
    database: Database,
    clock: SharedClock,
    passwords: Passwords,
    access_tokens: AccessTokens,
    refresh_tokens: RefreshTokens,
    signup_enabled: bool,
}

/// What [`Identity`] needs to know.
#[derive(Clone, Debug)]
pub struct IdentitySettings {
    /// Who issues access tokens: the public address of the server.
    pub issuer: String,
    /// Whether strangers may register.
    pub signup_enabled: bool,
}

impl Identity {
    /// The service over its parts.
    #[must_use]
    pub fn new(database: Database, clock: SharedClock, ring: &KeyRing, settings: IdentitySettings) -> Self {
        Self {
            database,
            clock,
            passwords: Passwords::new(),
            access_tokens: AccessTokens::new(ring, settings.issuer),
            refresh_tokens: RefreshTokens::new(ring),
            signup_enabled: settings.signup_enabled,
        }
    }
}
