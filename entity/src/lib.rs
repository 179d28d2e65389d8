//! SeaORM entities, typed ids and tenant-first selects.
//!
//! Most tables belong to a tenant. Reads and writes of them start from [`TenantOwned`], which takes the tenant first, so
//! that none can forget it. The others are [`InstallationOwned`].

pub mod account;
pub mod account_token;
pub mod api_key;
pub mod audit_event;
pub mod connect_attempt;
pub mod daily_use;
pub mod data_deletion;
pub mod export_part;
pub mod feed;
pub mod feed_account;
pub mod feed_item;
pub mod idempotency;
mod ids;
pub mod incident;
pub mod installation;
pub mod invitation;
pub mod job;
mod json;
pub mod mail_link;
pub mod media;
pub mod membership;
pub mod outbox;
mod ownership;
pub mod plan;
pub mod recovery_code;
pub mod sealing_key;
pub mod sealing_key_wrap;
pub mod second_factor;
pub mod session;
pub mod tenant;
pub mod tenant_task;
pub mod usage_day;
pub mod user;

pub use ids::*;
pub use json::*;
pub use sea_orm::Iterable;
pub use ownership::{InstallationOwned, TenantOwned};

/// A moment in UTC, at the microsecond precision that both engines keep.
pub type Time = chrono::DateTime<chrono::Utc>;
