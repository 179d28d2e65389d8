//! The two tokens by which a session is shown.

use crate::identity::{
    IdentityError,
    sessions::{
        access_token::{AccessTokens, Bearer},
        lifetimes::UNUSED_SESSION_LIFETIME,
        refresh_token::{RefreshTokens, TokenGeneration},
    },
};
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;
use vitrine_base::{clock::SharedClock, security::KeyRing};
use vitrine_entity::{membership::Role, tenant, user};

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
    /// How long it does, unless it is used.
    pub refresh_expires_in: Duration,
}

/// Issues and reads both tokens of a session.
#[derive(Clone)]
pub(in crate::identity) struct SessionTokens {
    clock: SharedClock,
    access: AccessTokens,
    refresh: RefreshTokens,
}

impl SessionTokens {
    /// Tokens of this issuer under these keys.
    pub(in crate::identity) fn new(clock: SharedClock, ring: &KeyRing, issuer: String) -> Self {
        Self {
            clock,
            access: AccessTokens::new(ring, issuer),
            refresh: RefreshTokens::new(ring),
        }
    }

    /// The pair of one generation of a session.
    ///
    /// # Errors
    /// [`IdentityError::Signing`].
    pub(in crate::identity) fn issue(
        &self,
        user: user::Model,
        tenant: tenant::Model,
        role: Role,
        generation: TokenGeneration,
    ) -> Result<SignedIn, IdentityError> {
        let bearer = Bearer {
            tenant: tenant.id,
            user: user.id,
            session: generation.session,
        };
        Ok(SignedIn {
            access_token: self.access.issue(bearer, self.clock.now())?,
            expires_in: AccessTokens::LIFETIME,
            refresh_token: self.refresh.issue(generation),
            refresh_expires_in: UNUSED_SESSION_LIFETIME,
            user,
            tenant,
            role,
        })
    }

    /// Whose access token this is.
    ///
    /// # Errors
    /// As [`AccessTokens::read`].
    pub(in crate::identity) fn read_access(&self, token: &str) -> Result<Bearer, IdentityError> {
        self.access.read(token, self.clock.now())
    }

    /// Which refresh token this is; none for a made-up one.
    pub(in crate::identity) fn read_refresh(&self, token: &SecretString) -> Option<TokenGeneration> {
        self.refresh.read(token.expose_secret())
    }
}
