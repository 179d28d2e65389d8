//! SeaORM entities, typed ids and tenant-first selects.
//!
//! Every table but those of people (`user`, `mail_link`, `second_factor`, `recovery_code`), `plan`, `installation`,
//! `incident`, `data_deletion` and the two of sealing keys belongs to a tenant. Reads and writes of tenant data start from
//! [`TenantOwned`], which takes the tenant first, so that none can forget it.

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
pub use ownership::TenantOwned;
pub use sea_orm::Iterable;

/// A moment in UTC, at the microsecond precision that both engines keep.
pub type Time = chrono::DateTime<chrono::Utc>;
