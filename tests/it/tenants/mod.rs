//! Tenants stay apart, and have what their plan and their keys allow.

mod isolation;
mod keys;
mod plans;
mod secrets;
pub(crate) mod teams;
mod tenant_tasks;
mod walk;
