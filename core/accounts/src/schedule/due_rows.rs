//! Which columns say what is due, and who has it.

use vitrine_base::background::leased_work::LeasedRows;
use vitrine_entity::{account, account_token, job};

/// Accounts by their next sync.
pub(crate) const SYNCS: LeasedRows<account::Entity> = LeasedRows {
    key: account::Column::Id,
    due: account::Column::NextSyncAt,
    holder: Some(account::Column::SyncLeaseId),
    until: account::Column::SyncLeaseUntil,
};

/// Tokens by their next refresh.
pub(crate) const REFRESHES: LeasedRows<account_token::Entity> = LeasedRows {
    key: account_token::Column::AccountId,
    due: account_token::Column::NextRefreshAt,
    holder: Some(account_token::Column::RefreshLeaseId),
    until: account_token::Column::RefreshLeaseUntil,
};

/// Jobs that somebody asked for. Whoever runs one holds the account or its token, not the job.
pub(super) const REQUESTED: LeasedRows<job::Entity> = LeasedRows {
    key: job::Column::Id,
    due: job::Column::RunAt,
    holder: None,
    until: job::Column::RunAt,
};
