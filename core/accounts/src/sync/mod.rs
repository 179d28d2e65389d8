//! Copying the newest posts of an account.

mod account_reader;
mod change_writer;
mod digest;
mod listing;
mod missing_posts;
mod post_rows;
mod reconcile;
pub(super) mod report;
mod settle;
mod stored_posts;
pub(super) mod syncer;
mod turn_batches;
mod turns;
