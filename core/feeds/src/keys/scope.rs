//! What a key opens.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// One thing that a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Scope {
    /// Read feeds.
    #[serde(rename = "feeds:read")]
    FeedsRead,
    /// Change feeds.
    #[serde(rename = "feeds:write")]
    FeedsWrite,
    /// Read accounts and their posts.
    #[serde(rename = "accounts:read")]
    AccountsRead,
    /// Connect, change and disconnect accounts.
    #[serde(rename = "accounts:write")]
    AccountsWrite,
    /// Read the history of jobs.
    #[serde(rename = "jobs:read")]
    JobsRead,
}

/// A word that names no scope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no scope with this name")]
pub struct UnknownScope;

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 5] = [
        Self::FeedsRead,
        Self::FeedsWrite,
        Self::AccountsRead,
        Self::AccountsWrite,
        Self::JobsRead,
    ];

    /// Its name.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::FeedsRead => "feeds:read",
            Self::FeedsWrite => "feeds:write",
            Self::AccountsRead => "accounts:read",
            Self::AccountsWrite => "accounts:write",
            Self::JobsRead => "jobs:read",
        }
    }
}

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|scope| scope.as_str() == name)
            .ok_or(UnknownScope)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
