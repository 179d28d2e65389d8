//! The history of jobs, and those that a person waits for.

use crate::{AccountId, JobId, TenantId, Time};
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum JobKind {
    /// Renews an account's token.
    RefreshToken,
    /// Copies an account's newest posts.
    SyncMedia,
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum JobStatus {
    /// Waits for a worker.
    Queued,
    /// A worker has it.
    Running,
    /// Done.
    Succeeded,
    /// Ended without success; nothing more will be tried.
    Failed,
    /// Waits for budget or for a cooldown.
    Deferred,
    /// Gave up after its last attempt; can be tried again by hand.
    Dead,
}

/// A row of `job`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize)]
#[sea_orm(table_name = "job")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: JobId,
    /// Owner of the row.
    pub tenant_id: TenantId,
    /// The account that it is about.
    pub account_id: AccountId,
    /// What it does.
    pub kind: JobKind,
    /// Where it stands.
    pub status: JobStatus,
    /// Runs so far.
    pub attempts: i32,
    /// When it was asked for.
    pub queued_at: Time,
    /// When the scheduler hands it (again) to the queue; none once it ended.
    #[serde(skip)]
    pub run_at: Option<Time>,
    /// When its last run began.
    pub started_at: Option<Time>,
    /// When it ended.
    pub finished_at: Option<Time>,
    /// Machine word for what went wrong.
    #[sea_orm(column_type = "Text", nullable)]
    pub error: Option<String>,
    /// What came of it.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub result: Option<Json>,
}

/// Joins are written where they are used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
