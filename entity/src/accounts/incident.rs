//! Trouble of the whole app, whoever owns the accounts that met it.

use crate::{StringList, Time};
use sea_orm::entity::prelude::*;

/// Scope of the row about an incident of the app; there while it lasts.
pub const APP: &str = "app";
/// Scope of the row about a cooldown that the platform asked the app for. It stays when the cooldown is over, so that the
/// next one is bounded together with it.
pub const APP_COOLDOWN: &str = "app_quiet";

/// A row of `incident`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "incident")]
pub struct Model {
    /// Whose calls stand still.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub scope: String,
    /// Machine word for what the platform said.
    #[sea_orm(column_type = "Text")]
    pub reason: String,
    /// When it began.
    pub opened_at: Time,
    /// Until when no call is made; afterwards single ones probe whether it is over.
    pub closed_until: Time,
    /// Until when a probe is under way.
    pub probe_until: Option<Time>,
    /// Probes that failed since it was last closed.
    pub failed_probes: i32,
    /// How often probes failed for good and it was closed anew.
    pub reopened: i32,
    /// Tenants whose accounts made the incident or failed a probe: their accounts probe only when no others can.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub partial_tenants: Option<StringList>,
}

/// Joins are written where they are used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
