//! Copying the newest posts of an account.

mod account_reader;
mod batch;
mod digest;
mod listing;
mod missing_posts;
mod post_rows;
mod reconcile;
mod stored_posts;
pub(super) mod syncer;
mod turn;
