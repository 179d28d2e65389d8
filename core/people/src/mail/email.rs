//! Every email that is sent.

use serde::{Deserialize, Serialize};
use std::fmt;
use vitrine_entity::Time;

/// An email to one person. Links in it carry secrets, so `Debug` says only which email it is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "letter", rename_all = "snake_case")]
pub enum Email {
    /// Asks whoever reads `to` to confirm that the address is theirs.
    VerifyEmail {
        /// Address.
        to: String,
        /// How the person is called.
        name: String,
        /// Where to confirm.
        link: String,
    },
    /// Lets a person choose a new password.
    ResetPassword {
        /// Address.
        to: String,
        /// How the person is called.
        name: String,
        /// Where to choose it.
        link: String,
    },
    /// Invites somebody into a tenant.
    Invitation {
        /// Address.
        to: String,
        /// Who invites.
        inviter: String,
        /// The tenant's name.
        site: String,
        /// What the person will be allowed to do there.
        role: String,
        /// Where to accept.
        link: String,
    },
    /// Tells a person what happened to their account, in case it was not them.
    SecurityNotice {
        /// Address.
        to: String,
        /// How the person is called.
        name: String,
        /// What happened.
        notice: Notice,
        /// When it happened.
        at: Time,
    },
    /// Tells an owner what happens to a whole site, in case nobody of them wanted it.
    SiteNotice {
        /// Address.
        to: String,
        /// How the person is called.
        name: String,
        /// How the site is called.
        site: String,
        /// What happened.
        news: SiteEvent,
        /// When it happened.
        at: Time,
    },
}

/// What happened to a whole site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum SiteEvent {
    /// An owner asked for everything to be deleted.
    DeletionAsked {
        /// When it begins, and cannot be taken back any more.
        begins: Time,
    },
    /// The person is no owner any more, because they made another one in their place.
    OwnershipGiven {
        /// How that person is called.
        to: String,
    },
    /// There is one more owner.
    OwnerMade {
        /// How that person is called.
        who: String,
    },
    /// An owner is none any more, or has left.
    OwnerGone {
        /// How that person is called.
        who: String,
    },
    /// The person became the owner.
    OwnershipReceived {
        /// How the owner before is called.
        from: String,
    },
}

/// What happened to somebody's account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Notice {
    /// The password is another one.
    PasswordChanged,
    /// A change of the address was asked for, or done.
    EmailChanged {
        /// The new address, partly hidden.
        new: String,
    },
    /// Signing in now needs a code.
    SecondFactorOn,
    /// Signing in no longer needs a code.
    SecondFactorOff,
    /// Somebody signed in with one of the recovery codes.
    RecoveryCodeUsed {
        /// How many are left.
        left: u64,
    },
    /// API keys ended, because they were made before the address was confirmed.
    KeysEnded {
        /// How many.
        keys: usize,
    },
    /// Many codes in a row were wrong, after the right password.
    CodesGuessed,
}

impl Email {
    /// Whom it is for.
    #[must_use]
    pub fn to(&self) -> &str {
        match self {
            Self::VerifyEmail { to, .. }
            | Self::ResetPassword { to, .. }
            | Self::Invitation { to, .. }
            | Self::SecurityNotice { to, .. }
            | Self::SiteNotice { to, .. } => to,
        }
    }

    /// Which email it is, for logs and metrics.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::VerifyEmail { .. } => "verify_email",
            Self::ResetPassword { .. } => "reset_password",
            Self::Invitation { .. } => "invitation",
            Self::SecurityNotice { .. } => "security_notice",
            Self::SiteNotice { .. } => "site_notice",
        }
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Letter({})", self.name())
    }
}
