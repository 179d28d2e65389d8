//! The progress of an export or a deletion.

use crate::openapi::schemas;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use vitrine_entity::{
    TaskId,
    tenant_task::{self, TaskKind, TaskStatus},
};

/// The progress of a task.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProgressView {
    /// Rows that are done.
    #[schema(minimum = 0)]
    done: i32,
    /// Rows that there were when it began; 0 before.
    #[schema(minimum = 0)]
    total: i32,
}

/// Work on a whole tenant.
#[derive(Serialize, ToSchema)]
pub(crate) struct TaskView {
    /// Its id.
    #[schema(value_type = Uuid)]
    id: TaskId,
    /// What is done.
    #[schema(schema_with = schemas::task_kind)]
    kind: TaskKind,
    /// Its status.
    #[schema(schema_with = schemas::task_status)]
    status: TaskStatus,
    /// How far it is.
    progress: ProgressView,
    /// When it was requested.
    created_at: DateTime<Utc>,
    /// When it begins, or is checked again; null once it has ended.
    #[schema(required)]
    run_at: Option<DateTime<Utc>>,
    /// When it ended.
    #[schema(required)]
    finished_at: Option<DateTime<Utc>>,
    /// How long its document is kept.
    #[schema(required)]
    expires_at: Option<DateTime<Utc>>,
    /// Machine word for what went wrong last.
    #[schema(required)]
    error: Option<String>,
    /// Where the document is, once it is ready.
    #[schema(required, format = "uri-reference")]
    document_url: Option<String>,
}

impl From<tenant_task::Model> for TaskView {
    fn from(task: tenant_task::Model) -> Self {
        let is_there = task.kind == TaskKind::Export && task.status == TaskStatus::Succeeded;
        Self {
            document_url: is_there.then(|| format!("/v1/tenant/exports/{}/document", task.id)),
            id: task.id,
            kind: task.kind,
            status: task.status,
            progress: ProgressView {
                done: task.done,
                total: task.total,
            },
            created_at: task.created_at,
            run_at: task.run_at,
            finished_at: task.finished_at,
            expires_at: task.expires_at,
            error: task.error,
        }
    }
}

/// A requested task.
#[derive(Serialize, ToSchema)]
pub(crate) struct AcceptedTaskView {
    /// The task.
    job: TaskView,
}

impl From<tenant_task::Model> for AcceptedTaskView {
    fn from(task: tenant_task::Model) -> Self {
        Self { job: task.into() }
    }
}
