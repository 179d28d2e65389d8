//! What the services are made of.

use super::{
    AttemptCounter, EmailConfirmation, IdentitySettings, InvitedPeople, Login, PasswordChange,
    PasswordRecovery, Proofs, Registration, SecondFactor, Sessions, Tenancies, TenantSettings, Users,
    authentication::reauthentication::Reauthenticator,
    client_info::Networks,
    credentials::{password_recovery::Turns, verification_email::VerificationEmails},
    links::EmailLinks,
    notices::SecurityNotices,
    passwords::{choice::PasswordChoice, confirmation::PasswordConfirmation, hasher::PasswordHasher},
    second_factor::{Authenticators, CodeAttempts, codes::SecondFactorCodes, recovery_codes::RecoveryCodes},
    sessions::{opening::SessionOpener, token_pair::SessionTokens},
    throttle::Attempts,
};
use crate::mail::Outbox;
use vitrine_base::{
    clock::SharedClock,
    database::Database,
    security::{KeyRing, Vault},
};

/// What several of the services share.
pub(super) struct Parts {
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
    pub(super) proofs: Proofs,
    reauthenticator: Reauthenticator,
    verification: VerificationEmails,
}

impl Parts {
    pub(super) fn new(
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

    pub(super) fn registration(&self, settings: &IdentitySettings) -> Registration {
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

    pub(super) fn invited_people(&self) -> InvitedPeople {
        InvitedPeople {
            clock: self.clock.clone(),
            choice: self.choice.clone(),
            opener: self.opener.clone(),
        }
    }

    pub(super) fn login(&self) -> Login {
        Login {
            database: self.database.clone(),
            attempts: self.attempts.clone(),
            proofs: self.proofs.clone(),
            opener: self.opener.clone(),
        }
    }

    pub(super) fn password_change(&self) -> PasswordChange {
        PasswordChange {
            database: self.database.clone(),
            clock: self.clock.clone(),
            reauthenticator: self.reauthenticator.clone(),
            choice: self.choice.clone(),
            notices: self.notices.clone(),
        }
    }

    pub(super) fn password_recovery(&self) -> PasswordRecovery {
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

    pub(super) fn email(&self) -> EmailConfirmation {
        EmailConfirmation {
            database: self.database.clone(),
            clock: self.clock.clone(),
            reauthenticator: self.reauthenticator.clone(),
            verification: self.verification.clone(),
            links: self.links.clone(),
            notices: self.notices.clone(),
        }
    }

    pub(super) fn second_factor(&self) -> SecondFactor {
        SecondFactor {
            database: self.database.clone(),
            clock: self.clock.clone(),
            attempts: self.attempts.clone(),
            confirmation: self.confirmation.clone(),
            codes: self.codes.clone(),
            notices: self.notices.clone(),
        }
    }

    pub(super) fn sessions(&self) -> Sessions {
        Sessions::new(self.database.clone(), self.clock.clone(), self.tokens.clone())
    }

    pub(super) fn tenancies(&self) -> Tenancies {
        Tenancies::new(self.database.clone(), self.clock.clone(), self.tokens.clone())
    }

    pub(super) fn users(&self) -> Users {
        Users::new(self.database.clone(), self.clock.clone())
    }

    pub(super) fn tenant_settings(&self) -> TenantSettings {
        TenantSettings::new(self.database.clone(), self.clock.clone())
    }
}
