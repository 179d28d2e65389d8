//! Which columns say what is due, and who has it.

use vitrine_base::leased_work::LeasedRows;
use vitrine_entity::job;

/// Jobs that somebody asked for. Whoever runs one holds the account or its token, not the job.
pub(super) const REQUESTED: LeasedRows<job::Entity> = LeasedRows {
    key: job::Column::Id,
    due: job::Column::RunAt,
    holder: None,
    until: job::Column::RunAt,
};
