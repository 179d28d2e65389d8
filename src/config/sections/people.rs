//! Who may register, and how people are written to.

use std::num::NonZeroU32;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::number;
use crate::config::{SecretUrl, parsers, secrets};

/// Section `[signup]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SignupSection {
    /// Whether anybody may register. Default true.
    pub(crate) enabled: bool,
    /// Registrations from one network (an IPv4 address, an IPv6 /64) in an hour. Default 20.
    pub(crate) per_network_per_hour: NonZeroU32,
}

impl Default for SignupSection {
    fn default() -> Self {
        Self {
            enabled: true,
            per_network_per_hour: number(20),
        }
    }
}

/// Section `[mail]`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct MailSection {
    /// `smtps://…`, `smtp://…` (with STARTTLS), or `smtp://…?tls=none`. Default: emails become files in `outbox`.
    #[serde(
        deserialize_with = "secrets::mail_url",
        serialize_with = "secrets::address_or_unset"
    )]
    pub(crate) url: Option<SecretUrl>,
    /// Sender of every email, `Name <address>` or an address. Needed with `url`.
    #[serde(deserialize_with = "parsers::mailbox")]
    pub(crate) from: Option<String>,
    /// Directory of emails where no `url` is set. Default: `outbox` in the data directory.
    pub(crate) outbox: Option<PathBuf>,
}
