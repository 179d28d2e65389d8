//! Work on a whole tenant: its export and its deletion.
//!
//! Both are rows of `tenant_task`. A worker claims what is due under a lease, does it in batches and keeps the
//! count of what is done; a run that is lost is begun again when its lease ends, and both can be.

mod deletion;
mod export;
mod export_parts;
mod export_slots;
mod leased_task;
mod operator_deletion;
mod requests;
mod sections;
mod task_runner;

pub use deletion::TenantDeleter;
pub use export::{Exporter, Sink};
pub use operator_deletion::{OperatorDeletions, is_deletion_due};
pub use requests::TenantTasks;
pub use task_runner::TaskRunner;

use sea_orm::DbErr;
use vitrine_base::{paging::PageError, security::VaultError};
use vitrine_limits::plans::LimitReached;

/// Why a task was refused or failed.
#[derive(Debug, thiserror::Error)]
pub enum TaskError {
    /// There is no such task, or none that the tenant may know of.
    #[error("there is no such task")]
    NotFound,
    /// The export is not ready, or its document is not kept any more.
    #[error("the document is not there")]
    NoDocument,
    /// The tenant is not going to be deleted, or its deletion has begun.
    #[error("there is no deletion that could be canceled")]
    NothingToCancel,
    /// As many were written today as the plan allows.
    #[error(transparent)]
    PlanLimit(#[from] LimitReached),
    /// Enough documents are being written.
    #[error("too many exports at once; ask for one to be written instead")]
    Busy,
    /// Somebody else took the run over.
    #[error("another run has taken over")]
    LeaseLost,
    /// Whoever reads the document has gone.
    #[error("the reader is gone")]
    ReaderGone,
    /// A row could not be written as JSON.
    #[error("a part of the document cannot be written")]
    Unwritable,
    /// A part could not be sealed or opened.
    #[error("a part of the document cannot be sealed or opened")]
    Sealing(#[from] VaultError),
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] DbErr),
}

impl From<PageError> for TaskError {
    fn from(error: PageError) -> Self {
        match error {
            PageError::BadCursor => Self::NotFound,
            PageError::Database(cause) => Self::Database(cause),
        }
    }
}
