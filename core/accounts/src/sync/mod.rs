//! Copying the newest posts of an account.

mod account_reader;
mod digest;
mod listing;
mod missing_posts;
mod post_rows;
mod reconcile;
mod settle;
mod stored_posts;
pub(super) mod syncer;
mod turn_batches;
mod turns;
