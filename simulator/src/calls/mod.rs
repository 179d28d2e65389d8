//! Calls: which there are, how those of an account are counted, and what is told about them.

mod account_calls;
mod endpoint;
mod flight;
mod report;
mod rolling_count;

pub(crate) use account_calls::AccountCalls;
pub use endpoint::Endpoint;
pub(crate) use flight::UnderWay;
pub use report::{CallFilter, CallRecord, CallReport};
pub(crate) use rolling_count::RollingCount;
