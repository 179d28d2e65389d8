//! One site owner's space.

use crate::{StringList, TenantId, Time};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A row of `tenant`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "tenant")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TenantId,
    /// Name of the site.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// Origins of the owner's own pages: they may call the API, and a connection may return to them.
    #[sea_orm(column_type = "JsonBinary")]
    pub allowed_origins: StringList,
    /// When it registered.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
    /// Since when an operator keeps its accounts from being synced by the schedule.
    pub paused_at: Option<Time>,
    /// Its plan; the default one when none is named.
    #[sea_orm(column_type = "Text", nullable)]
    pub plan_name: Option<String>,
}

/// Joins are written where they are used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
