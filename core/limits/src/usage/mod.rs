//! What tenants use: counted by those who do the work, shown by day.

mod counter;
pub(crate) mod day_rows;
mod report;
#[cfg(test)]
mod tests;

pub use counter::UsageCounter;
pub use report::{LONGEST_RANGE_DAYS, UsageError, UsageReports};
