//! Work on a whole tenant, done by a worker step by step.

use crate::{LeaseId, TaskId, TenantId, Time};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum TaskKind {
    /// Everything the tenant owns is written into one document.
    Export,
    /// Everything the tenant owns is deleted.
    Deletion,
}

/// Where a task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum TaskStatus {
    /// It waits for its time.
    Scheduled,
    /// A worker is at it.
    Running,
    /// It is done.
    Succeeded,
    /// It was given up.
    Failed,
    /// The owner took it back in time.
    Cancelled,
}

/// A row of `tenant_task`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "tenant_task")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TaskId,
    /// Owner of the row.
    pub tenant_id: TenantId,
    /// What is done.
    pub kind: TaskKind,
    /// Where it stands.
    pub status: TaskStatus,
    /// Rows that are done.
    pub done: i32,
    /// Rows that there were when it began; zero before.
    pub total: i32,
    /// Runs so far.
    pub attempts: i32,
    /// When it was asked for.
    pub created_at: Time,
    /// When a worker may take it; none once it ended.
    pub run_at: Option<Time>,
    /// Which run holds it, until `run_at`.
    #[serde(skip)]
    pub lease_id: Option<LeaseId>,
    /// When it ended.
    pub finished_at: Option<Time>,
    /// Until when its document is kept.
    pub expires_at: Option<Time>,
    /// Machine word for why it was given up.
    #[sea_orm(column_type = "Text", nullable)]
    pub error: Option<String>,
}

/// Joins are written where they are used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
