//! The tenant's plan, and how much of it is used.

use serde::Serialize;
use utoipa::ToSchema;
use vitrine_limits::plans::{Limit, PlanUse};

/// The tenant's plan, and how much of it is used.
#[derive(Serialize, ToSchema)]
pub(crate) struct PlanView {
    /// Its name.
    name: String,
    /// How much is allowed.
    limits: AmountsView,
    /// How much of it is used.
    used: AmountsView,
}

/// An amount of everything that plans limit.
#[derive(Serialize, ToSchema)]
struct AmountsView {
    /// Connected accounts.
    accounts: u64,
    /// Feeds.
    feeds: u64,
    /// Working keys; a rotated one counts until it ends.
    api_keys: u64,
    /// Members.
    members: u64,
    /// Syncs requested in a day, in UTC.
    syncs_per_day: u64,
    /// Invitations sent in a day, in UTC.
    invitations_per_day: u64,
    /// Connections started in a day.
    connections_per_day: u64,
    /// Exports written in a day, in UTC.
    exports_per_day: u64,
    /// Changes that one person or key makes in a day, in UTC; all together may make ten times as many. `used` is
    /// that of the one who made the most.
    changes_per_day: u64,
}

impl AmountsView {
    fn of(amount: impl Fn(Limit) -> u64) -> Self {
        Self {
            accounts: amount(Limit::Accounts),
            feeds: amount(Limit::Feeds),
            api_keys: amount(Limit::ApiKeys),
            members: amount(Limit::Members),
            syncs_per_day: amount(Limit::SyncsPerDay),
            invitations_per_day: amount(Limit::InvitationsPerDay),
            connections_per_day: amount(Limit::ConnectionsPerDay),
            exports_per_day: amount(Limit::ExportsPerDay),
            changes_per_day: amount(Limit::ChangesPerDay),
        }
    }
}

impl From<PlanUse> for PlanView {
    fn from(PlanUse { plan, used }: PlanUse) -> Self {
        let used_of = |limit| {
            used.iter()
                .find(|(known, _)| *known == limit)
                .map_or(0, |(_, used)| *used)
        };
        Self {
            limits: AmountsView::of(|limit| limit.of(&plan).into()),
            used: AmountsView::of(used_of),
            name: plan.name,
        }
    }
}
