//! Accounts whose trouble may be the app's.

use crate::{Reason, incidents::proof::Proof};
use sea_orm::{ColumnTrait, QueryFilter, Select};
use std::time::Duration;
use vitrine_entity::{
    TenantOwned, Time,
    account::{self, AccountStatus},
};

/// The longest span over which trouble is looked at.
pub(super) const LASTING: Duration = Duration::from_hours(24);
/// What trouble that may be the app's leaves in an account. A token that ran out is nobody's but its own.
pub(super) const TROUBLE: [Reason; 10] = [
    Reason::AppNotAllowedOnAccount,
    Reason::PermissionMissing,
    Reason::AppsecretProofRequired,
    Reason::TokenPasswordChanged,
    Reason::TokenAppRemoved,
    Reason::TokenCheckpoint,
    Reason::TokenUnconfirmed,
    Reason::TokenCorrupt,
    Reason::TokenInvalid,
    Reason::TokenEndedEarly,
];

/// Accounts with such tokens that met trouble since then, which may be the app's.
pub(super) fn in_trouble(since: Time, proof: Proof, reasons: Vec<Reason>) -> Select<account::Entity> {
    account::Entity::across_tenants()
        .filter(account::Column::SyncError.is_in(reasons))
        .filter(proof.accounts())
        .filter(account::Column::Status.ne(AccountStatus::Paused))
        .filter(account::Column::UpdatedAt.gte(since))
}
