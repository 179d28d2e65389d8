//! People, their tenants and their sign-ins.

mod authentication;
mod client_info;
mod credentials;
mod delegation;
mod error;
mod links;
mod notices;
mod passwords;
mod registration;
mod second_factor;
mod sessions;
mod tenancies;
mod tenant_settings;
mod throttle;
pub(crate) mod users;

pub use authentication::login::Credentials;
pub(crate) use authentication::proof::Proof;
pub use client_info::ClientInfo;
pub use credentials::password_recovery::{NewPassword, Reauthentication};
pub use error::{AttemptLimit, IdentityError};
pub use links::prune_email_links;
pub use passwords::confirmation::check_current_password;
pub use registration::NewRegistration;
pub use second_factor::enrolment::{Enrolment, SecondFactor};
pub use sessions::admin::{SessionAdmin, SessionScope};
pub use sessions::guard::AccessLost;
pub use sessions::guard::ensure_access;
pub use sessions::lifecycle::Sessions;
pub use sessions::person::Person;
pub use sessions::token_pair::SignedIn;
pub use tenancies::{Tenancy, first_owned_by, has_tenant_besides};
pub use tenant_settings::TenantChange;
pub use throttle::AttemptCounter;
pub use users::names::checked_name;
pub use users::orphans::{delete_orphaned_users, lock_users};

use crate::mail::Outbox;
use client_info::Networks;
use links::EmailLinks;
use notices::SecurityNotices;
use passwords::{choice::PasswordChoice, confirmation::PasswordConfirmation, hasher::PasswordHasher};
use sessions::{opening::SessionOpener, token_pair::SessionTokens};
use std::{num::NonZeroU32, sync::Arc};
use throttle::Attempts;
use tokio::sync::Semaphore;
use vitrine_base::{
    clock::SharedClock,
    database::Database,
    security::{KeyRing, Vault},
};

/// Emails about forgotten passwords that are written at once.
const FORGOTTEN_AT_ONCE: usize = 32;

/// Registers people, signs them in and keeps their sessions.
pub struct Identity {
    database: Database,
    clock: SharedClock,
    hasher: PasswordHasher,
    choice: PasswordChoice,
    confirmation: PasswordConfirmation,
    /// Goes on with sessions, and ends them.
    pub sessions: Sessions,
    tokens: SessionTokens,
    opener: SessionOpener,
    signup_enabled: bool,
    registrations_per_hour: NonZeroU32,
    public_url: String,
    links: EmailLinks,
    notices: SecurityNotices,
    outbox: Outbox,
    attempts: Attempts,
    networks: Networks,
    vault: Vault,
    recovery_key: [u8; 32],
    forgotten: Arc<Semaphore>,
}

/// What [`Identity`] needs to know.
#[derive(Clone, Debug)]
pub struct IdentitySettings {
    /// Who issues access tokens, and where links in emails lead: the public address of the server.
    pub issuer: String,
    /// Whether strangers may register.
    pub signup_enabled: bool,
    /// How often in an hour strangers from one network may.
    pub registrations_per_hour: NonZeroU32,
}

impl Identity {
    /// The service over its parts.
    #[must_use]
    pub fn new(database: Database, clock: SharedClock, ring: &KeyRing, settings: IdentitySettings) -> Self {
        let lasting = ring.lasting();
        let networks = Networks::new(&lasting);
        let attempts = Attempts::new(
            database.clone(),
            clock.clone(),
            networks.clone(),
            AttemptCounter::alone(),
        );
        let tokens = SessionTokens::new(clock.clone(), ring, settings.issuer.clone());
        let hasher = PasswordHasher::new();
        let outbox = Outbox::new(&Vault::new(ring));
        Self {
            database: database.clone(),
            choice: PasswordChoice::new(attempts.clone(), hasher.clone()),
            confirmation: PasswordConfirmation::new(database.clone(), attempts.clone(), hasher.clone()),
            hasher,
            links: EmailLinks::new(database.clone(), clock.clone(), settings.issuer.clone()),
            notices: SecurityNotices::new(clock.clone(), outbox.clone()),
            outbox,
            sessions: Sessions::new(database, clock.clone(), tokens.clone()),
            opener: SessionOpener::new(clock.clone(), networks.clone(), tokens.clone()),
            tokens,
            clock,
            public_url: settings.issuer,
            signup_enabled: settings.signup_enabled,
            registrations_per_hour: settings.registrations_per_hour,
            attempts,
            networks,
            vault: Vault::new(ring),
            recovery_key: lasting.derive("vitrine 2026 recovery codes"),
            forgotten: Arc::new(Semaphore::new(FORGOTTEN_AT_ONCE)),
        }
    }

    /// The same, with failed sign-ins counted in `counter` instead of in this process alone.
    #[must_use]
    pub fn with_counter(mut self, counter: AttemptCounter) -> Self {
        let (database, clock, networks) = (self.database.clone(), self.clock.clone(), self.networks.clone());
        self.attempts = Attempts::new(database.clone(), clock, networks, counter);
        let (attempts, hasher) = (self.attempts.clone(), self.hasher.clone());
        self.choice = PasswordChoice::new(attempts.clone(), hasher.clone());
        self.confirmation = PasswordConfirmation::new(database, attempts, hasher);
        self
    }
}
