//! Every call made: counted exactly, the newest in detail.

mod call_log;
mod endpoint;
mod flight;
mod rolling_count;

pub(crate) use call_log::{AccountCalls, CallLog};
pub use call_log::{CallFilter, CallRecord, CallReport};
pub use endpoint::Endpoint;
pub(crate) use rolling_count::RollingCount;
