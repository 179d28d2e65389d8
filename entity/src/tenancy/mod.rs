//! A tenant as a whole.

pub mod export_part;
pub mod idempotency;
pub mod tenant;
pub mod tenant_task;
