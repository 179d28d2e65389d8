//! What tenants use: counted by those who do the work, shown by day.

mod consumption;
mod report;
#[cfg(test)]
mod tests;

pub use consumption::Consumption;
pub use report::{LONGEST_RANGE_DAYS, UsageError, UsageReports};
