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
pub use second_factor::Enrolment;
pub use second_factor::enrolment::{SecondFactor, SecondFactorState};
pub use sessions::admin::{SessionAdmin, SessionScope};
pub use sessions::guard::AccessLost;
pub use sessions::guard::ensure_access;
pub use sessions::lifecycle::Sessions;
pub use sessions::person::Person;
pub use sessions::token_pair::SignedIn;
pub use tenancies::{Tenancies, Tenancy, first_owned_by, has_tenant_besides};
pub use tenant_settings::{TenantChange, TenantSettings};
pub use throttle::AttemptCounter;
pub use users::names::checked_name;
pub use users::orphans::{delete_orphaned_users, lock_users};
pub use users::profile::Users;

use crate::mail::Outbox;
use client_info::Networks;
use links::EmailLinks;
use notices::SecurityNotices;
use passwords::{choice::PasswordChoice, confirmation::PasswordConfirmation, hasher::PasswordHasher};
use second_factor::{Authenticators, CodeAttempts, codes::SecondFactorCodes, recovery_codes::RecoveryCodes};
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
    /// Finds people and renames them.
    pub users: Users,
    /// Finds tenants and changes their settings.
    pub tenant_settings: TenantSettings,
    /// Knows who belongs to which tenant, and moves sessions between them.
    pub tenancies: Tenancies,
    /// Switches second factors on and off.
    pub second_factor: SecondFactor,
    codes: SecondFactorCodes,
    opener: SessionOpener,
    signup_enabled: bool,
    registrations_per_hour: NonZeroU32,
    links: EmailLinks,
    notices: SecurityNotices,
    outbox: Outbox,
    attempts: Attempts,
    networks: Networks,
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
    /// The service over its parts, with failed logins counted in `counter`.
    #[must_use]
    pub fn new(
        database: Database,
        clock: SharedClock,
        ring: &KeyRing,
        counter: AttemptCounter,
        settings: IdentitySettings,
    ) -> Self {
        let lasting = ring.lasting();
        let networks = Networks::new(&lasting);
        let attempts = Attempts::new(database.clone(), clock.clone(), networks.clone(), counter);
        let tokens = SessionTokens::new(clock.clone(), ring, settings.issuer.clone());
        let hasher = PasswordHasher::new();
        let outbox = Outbox::new(&Vault::new(ring));
        let notices = SecurityNotices::new(clock.clone(), outbox.clone());
        let confirmation = PasswordConfirmation::new(database.clone(), attempts.clone(), hasher.clone());
        let authenticators = Authenticators::new(Vault::new(ring), &settings.issuer);
        let recovery_codes = RecoveryCodes::new(clock.clone(), &lasting);
        let codes = SecondFactorCodes {
            database: database.clone(),
            clock: clock.clone(),
            authenticators: authenticators.clone(),
            recovery_codes: recovery_codes.clone(),
            code_attempts: CodeAttempts::new(
                database.clone(),
                clock.clone(),
                attempts.clone(),
                notices.clone(),
            ),
            notices: notices.clone(),
        };
        Self {
            database: database.clone(),
            second_factor: SecondFactor {
                database: database.clone(),
                clock: clock.clone(),
                attempts: attempts.clone(),
                confirmation: confirmation.clone(),
                authenticators,
                codes: codes.clone(),
                recovery_codes,
                notices: notices.clone(),
            },
            codes,
            choice: PasswordChoice::new(attempts.clone(), hasher.clone()),
            confirmation,
            hasher,
            links: EmailLinks::new(database.clone(), clock.clone(), settings.issuer),
            notices,
            outbox,
            users: Users::new(database.clone(), clock.clone()),
            tenant_settings: TenantSettings::new(database.clone(), clock.clone()),
            tenancies: Tenancies::new(database.clone(), clock.clone(), tokens.clone()),
            sessions: Sessions::new(database, clock.clone(), tokens.clone()),
            opener: SessionOpener::new(clock.clone(), networks.clone(), tokens),
            clock,
            signup_enabled: settings.signup_enabled,
            registrations_per_hour: settings.registrations_per_hour,
            attempts,
            networks,
            forgotten: Arc::new(Semaphore::new(FORGOTTEN_AT_ONCE)),
        }
    }
}
