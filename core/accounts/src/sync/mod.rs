//! Copying the newest posts of an account.

mod account_reader;
pub(super) mod batch;
pub(super) mod digest;
pub(super) mod post_rows;
pub(super) mod reconcile;
pub(super) mod syncer;
pub(super) mod turn;
