//! Plans: how much a tenant may have.
//!
//! What is limited in number is counted in the transaction that makes one more, behind a lock on the tenant's
//! row, so that two at the same time never pass the limit. What is limited in a day is counted by one
//! statement that adds only below the limit.

mod change_limit;
mod daily;
mod limit_check;
mod service;
mod tenant_plan;
#[cfg(test)]
mod tests;

pub use change_limit::Purpose;
pub use change_limit::{may_change, record_change};
pub use daily::consume_daily;
pub use limit_check::{check_limit, lock_tenant};
pub use service::{PlanChange, PlanError, PlanUse, Plans};

use vitrine_entity::plan;

/// What a plan limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limit {
    /// Connected accounts.
    Accounts,
    /// Feeds.
    Feeds,
    /// Keys that open something.
    ApiKeys,
    /// Members.
    Members,
    /// Syncs that people and programs ask for in a day.
    SyncsPerDay,
    /// Invitations that are sent in a day.
    InvitationsPerDay,
    /// Connections that are begun in a day: each costs calls that the app pays for, for all tenants.
    ConnectionsPerDay,
    /// Exports that are written in a day.
    ExportsPerDay,
    /// Changes that one person or key makes in a day: each is an entry of the audit log. All of a tenant together make
    /// ten times as many.
    ChangesPerDay,
}

impl Limit {
    /// Every limit.
    pub const ALL: [Self; 9] = [
        Self::Accounts,
        Self::Feeds,
        Self::ApiKeys,
        Self::Members,
        Self::SyncsPerDay,
        Self::InvitationsPerDay,
        Self::ConnectionsPerDay,
        Self::ExportsPerDay,
        Self::ChangesPerDay,
    ];

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accounts => "accounts",
            Self::Feeds => "feeds",
            Self::ApiKeys => "api_keys",
            Self::Members => "members",
            Self::SyncsPerDay => "syncs_per_day",
            Self::InvitationsPerDay => "invitations_per_day",
            Self::ConnectionsPerDay => "connections_per_day",
            Self::ExportsPerDay => "exports_per_day",
            Self::ChangesPerDay => "changes_per_day",
        }
    }

    /// How much of it a plan allows.
    #[must_use]
    pub fn of(self, plan: &plan::Model) -> u32 {
        let most = match self {
            Self::Accounts => plan.accounts,
            Self::Feeds => plan.feeds,
            Self::ApiKeys => plan.api_keys,
            Self::Members => plan.members,
            Self::SyncsPerDay => plan.syncs_per_day,
            Self::InvitationsPerDay => plan.invitations_per_day,
            Self::ConnectionsPerDay => plan.connections_per_day,
            Self::ExportsPerDay => plan.exports_per_day,
            Self::ChangesPerDay => plan.changes_per_day,
        };
        u32::try_from(most).unwrap_or(0)
    }
}

/// The tenant has all that its plan allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the plan allows at most {most} ({})", .limit.as_str())]
pub struct LimitReached {
    /// Of what.
    pub limit: Limit,
    /// How much is allowed.
    pub most: u32,
}
