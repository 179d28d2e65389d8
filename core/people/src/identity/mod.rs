//! People: how they register, log in, stay logged in and change what they are known by.
//!
//! Each subject is a service of its own, and [`Identity`] holds them. They stand on each other in this order: people
//! and tenants as they are stored, attempts and their limits, passwords, sessions, second factors, proofs of who
//! somebody is, changes of credentials, registration.

mod authentication;
mod client_info;
mod credentials;
mod error;
mod links;
mod notices;
mod parts;
mod passwords;
mod registration;
mod second_factor;
mod sessions;
mod tenants;
mod throttle;
pub(crate) mod users;

pub use authentication::login::{Credentials, Login};
pub(crate) use authentication::proof::{Proof, Proofs};
pub use authentication::reauthentication::Reauthentication;
pub use client_info::ClientInfo;
pub use credentials::email_confirmation::EmailConfirmation;
pub use credentials::password_change::PasswordChange;
pub use credentials::password_recovery::{NewPassword, PasswordRecovery};
pub use error::{AttemptLimit, IdentityError};
pub use links::prune_email_links;
pub use passwords::confirmation::check_current_password;
pub(crate) use registration::invited::InvitedPeople;
pub use registration::{NewRegistration, Registration};
pub use second_factor::{
    Enrolment,
    enrolment::{SecondFactor, SecondFactorState},
};
pub use sessions::{
    admin::{SessionAdmin, SessionScope},
    guard::{AccessLost, ensure_access},
    lifecycle::Sessions,
    person::Person,
    token_pair::SignedIn,
};
pub use tenants::{
    settings::{TenantChange, TenantSettings},
    tenancies::{Tenancies, Tenancy, first_owned_by, has_tenant_besides},
};
pub use throttle::AttemptCounter;
pub use users::{
    names::checked_name,
    orphans::{delete_orphaned_users, lock_users},
    profile::Users,
};

use parts::Parts;
use std::num::NonZeroU32;
use vitrine_base::{clock::SharedClock, database::Database, security::KeyRing};

/// The services about people, each under its name.
pub struct Identity {
    /// Registers people who want a space of their own.
    pub registration: Registration,
    /// Lets people join tenants by an invitation.
    pub(crate) invited_people: InvitedPeople,
    /// Takes proofs of who somebody is.
    pub(crate) proofs: Proofs,
    /// Logs people in.
    pub login: Login,
    /// Says who holds a token; goes on with sessions, and ends them.
    pub sessions: Sessions,
    /// Says who belongs to which tenant, and moves sessions between them.
    pub tenancies: Tenancies,
    /// Changes passwords of people who are signed in.
    pub password_change: PasswordChange,
    /// Replaces passwords that were forgotten.
    pub password_recovery: PasswordRecovery,
    /// Confirms and changes email addresses.
    pub email: EmailConfirmation,
    /// Switches second factors on and off.
    pub second_factor: SecondFactor,
    /// Finds people and renames them.
    pub users: Users,
    /// Finds tenants and changes their settings.
    pub tenant_settings: TenantSettings,
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
    /// The services over their engines, with failed logins counted in `counter`.
    #[must_use]
    pub fn new(
        database: Database,
        clock: SharedClock,
        ring: &KeyRing,
        counter: AttemptCounter,
        settings: IdentitySettings,
    ) -> Self {
        let parts = Parts::new(database, clock, ring, counter, &settings.issuer);
        Self {
            registration: parts.registration(&settings),
            invited_people: parts.invited_people(),
            login: parts.login(),
            sessions: parts.sessions(),
            tenancies: parts.tenancies(),
            password_change: parts.password_change(),
            password_recovery: parts.password_recovery(),
            email: parts.email(),
            second_factor: parts.second_factor(),
            users: parts.users(),
            tenant_settings: parts.tenant_settings(),
            proofs: parts.proofs,
        }
    }
}
