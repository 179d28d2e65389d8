//! Every metric that this program reports.

mod beginnings;
mod meanings;
#[cfg(test)]
mod tests;

pub(super) use beginnings::begin_at_zero;
pub(super) use meanings::describe;
