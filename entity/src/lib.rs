//! SeaORM entities, typed ids and tenant-first selects.
//!
//! Most tables belong to a tenant. Reads and writes of them start from [`TenantOwned`], which takes the tenant first, so
//! that none can forget it. The others are [`InstallationOwned`].
//!
//! The folders are named for the crates of `core/` whose rules write the tables.

mod accounts;
mod base;
mod feeds;
mod ids;
mod json;
mod limits;
mod ownership;
mod people;
mod tenancy;

pub use accounts::{account, account_token, connect_attempt, data_deletion, incident, job, media};
pub use base::{installation, sealing_key, sealing_key_wrap};
pub use feeds::{api_key, feed, feed_account, feed_item};
pub use ids::*;
pub use json::*;
pub use limits::{daily_use, plan, usage_day};
pub use ownership::{InstallationOwned, TenantOwned};
pub use people::{
    audit_event, invitation, mail_link, membership, outbox, recovery_code, second_factor, session, user,
};
pub use sea_orm::Iterable;
pub use tenancy::{export_part, idempotency, tenant, tenant_task};

/// A moment in UTC, at the microsecond precision that both engines keep.
pub type Time = chrono::DateTime<chrono::Utc>;
