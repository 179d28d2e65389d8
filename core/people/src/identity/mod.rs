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
mod passwords;
mod registration;
mod second_factor;
mod sessions;
mod tenancies;
mod tenant_settings;
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
pub use tenancies::{Tenancies, Tenancy, first_owned_by, has_tenant_besides};
pub use tenant_settings::{TenantChange, TenantSettings};
pub use throttle::AttemptCounter;
pub use users::{
    names::checked_name,
    orphans::{delete_orphaned_users, lock_users},
    profile::Users,
};

use crate::mail::Outbox;
use authentication::reauthentication::Reauthenticator;
use client_info::Networks;
use credentials::{password_recovery::Turns, verification_email::VerificationEmails};
use links::EmailLinks;
use notices::SecurityNotices;
use passwords::{choice::PasswordChoice, confirmation::PasswordConfirmation, hasher::PasswordHasher};
use second_factor::{Authenticators, CodeAttempts, codes::SecondFactorCodes, recovery_codes::RecoveryCodes};
use sessions::{opening::SessionOpener, token_pair::SessionTokens};
use std::num::NonZeroU32;
use throttle::Attempts;
use vitrine_base::{
    clock::SharedClock,
    database::Database,
    security::{KeyRing, Vault},
};

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
            proofs: parts.proofs.clone(),
            login: parts.login(),
            sessions: Sessions::new(parts.database.clone(), parts.clock.clone(), parts.tokens.clone()),
            tenancies: Tenancies::new(parts.database.clone(), parts.clock.clone(), parts.tokens.clone()),
            password_change: parts.password_change(),
            password_recovery: parts.password_recovery(),
            email: parts.email(),
            second_factor: parts.second_factor(),
            users: Users::new(parts.database.clone(), parts.clock.clone()),
            tenant_settings: TenantSettings::new(parts.database, parts.clock),
        }
    }
}

/// What several of the services share.
struct Parts {
    database: Database,
    clock: SharedClock,
    networks: Networks,
    attempts: Attempts,
    outbox: Outbox,
    notices: SecurityNotices,
    links: EmailLinks,
    choice: PasswordChoice,
    confirmation: PasswordConfirmation,
    tokens: SessionTokens,
    opener: SessionOpener,
    codes: SecondFactorCodes,
    proofs: Proofs,
    reauthenticator: Reauthenticator,
    verification: VerificationEmails,
}

impl Parts {
    fn new(
        database: Database,
        clock: SharedClock,
        ring: &KeyRing,
        counter: AttemptCounter,
        public_url: &str,
    ) -> Self {
        let (lasting, vault, hasher) = (ring.lasting(), Vault::new(ring), PasswordHasher::new());
        let networks = Networks::new(&lasting);
        let attempts = Attempts::new(database.clone(), clock.clone(), networks.clone(), counter);
        let outbox = Outbox::new(&vault);
        let notices = SecurityNotices::new(clock.clone(), outbox.clone());
        let links = EmailLinks::new(database.clone(), clock.clone(), public_url.to_owned());
        let confirmation = PasswordConfirmation::new(database.clone(), attempts.clone(), hasher.clone());
        let tokens = SessionTokens::new(clock.clone(), ring, public_url.to_owned());
        let code_attempts =
            CodeAttempts::new(database.clone(), clock.clone(), attempts.clone(), notices.clone());
        let codes = SecondFactorCodes {
            database: database.clone(),
            clock: clock.clone(),
            authenticators: Authenticators::new(vault, public_url),
            recovery_codes: RecoveryCodes::new(clock.clone(), &lasting),
            code_attempts,
            notices: notices.clone(),
        };
        Self {
            choice: PasswordChoice::new(attempts.clone(), hasher.clone()),
            opener: SessionOpener::new(clock.clone(), networks.clone(), tokens.clone()),
            proofs: Proofs {
                clock: clock.clone(),
                attempts: attempts.clone(),
                hasher,
                codes: codes.clone(),
            },
            reauthenticator: Reauthenticator {
                attempts: attempts.clone(),
                confirmation: confirmation.clone(),
                codes: codes.clone(),
            },
            verification: VerificationEmails {
                clock: clock.clone(),
                links: links.clone(),
                outbox: outbox.clone(),
            },
            database,
            clock,
            networks,
            attempts,
            outbox,
            notices,
            links,
            confirmation,
            tokens,
            codes,
        }
    }

    fn registration(&self, settings: &IdentitySettings) -> Registration {
        Registration {
            database: self.database.clone(),
            clock: self.clock.clone(),
            attempts: self.attempts.clone(),
            choice: self.choice.clone(),
            opener: self.opener.clone(),
            verification: self.verification.clone(),
            signup_enabled: settings.signup_enabled,
            registrations_per_hour: settings.registrations_per_hour,
        }
    }

    fn invited_people(&self) -> InvitedPeople {
        InvitedPeople {
            clock: self.clock.clone(),
            choice: self.choice.clone(),
            opener: self.opener.clone(),
        }
    }

    fn login(&self) -> Login {
        Login {
            database: self.database.clone(),
            attempts: self.attempts.clone(),
            proofs: self.proofs.clone(),
            opener: self.opener.clone(),
        }
    }

    fn password_change(&self) -> PasswordChange {
        PasswordChange {
            database: self.database.clone(),
            clock: self.clock.clone(),
            reauthenticator: self.reauthenticator.clone(),
            choice: self.choice.clone(),
            notices: self.notices.clone(),
        }
    }

    fn password_recovery(&self) -> PasswordRecovery {
        PasswordRecovery {
            database: self.database.clone(),
            clock: self.clock.clone(),
            networks: self.networks.clone(),
            choice: self.choice.clone(),
            links: self.links.clone(),
            notices: self.notices.clone(),
            outbox: self.outbox.clone(),
            turns: Turns::default(),
        }
    }

    fn email(&self) -> EmailConfirmation {
        EmailConfirmation {
            database: self.database.clone(),
            clock: self.clock.clone(),
            reauthenticator: self.reauthenticator.clone(),
            verification: self.verification.clone(),
            links: self.links.clone(),
            notices: self.notices.clone(),
        }
    }

    fn second_factor(&self) -> SecondFactor {
        SecondFactor {
            database: self.database.clone(),
            clock: self.clock.clone(),
            attempts: self.attempts.clone(),
            confirmation: self.confirmation.clone(),
            codes: self.codes.clone(),
            notices: self.notices.clone(),
        }
    }
}
