//! What a tenant may use, and what it used.

pub mod daily_use;
pub mod plan;
pub mod usage_day;
