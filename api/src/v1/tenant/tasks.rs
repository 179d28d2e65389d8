//! The export and the deletion of a whole tenant.

use super::TenantView;
use crate::{
    app::App,
    http::{
        auth::{Allowed, OwnTenant, ReadTenant},
        extract::Id,
        middleware::{changed, wants_head_only},
        problem::Problem,
    },
    openapi::schemas,
};
use actix_web::{
    HttpRequest, HttpResponse, delete, get,
    http::header::CONTENT_DISPOSITION,
    post,
    web::{Bytes, Data},
};
use chrono::{DateTime, Utc};
use futures::stream;
use serde::Serialize;
use std::time::Duration;
use tokio::{sync::mpsc, time::timeout};
use utoipa::ToSchema;
use vitrine_entity::{
    TaskId,
    tenant_task::{self, TaskKind, TaskStatus},
};
use vitrine_tenancy::tenants::{Sink, TaskError};

/// Parts that wait for a slow reader.
const PARTS_AHEAD: usize = 2;
/// A reader who takes no part for so long holds up others.
const READ_TIMEOUT: Duration = Duration::from_secs(20);
const FILE: &str = "attachment; filename=\"vitrine-export.json\"";

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

/// Requests everything the tenant owns as one document, written by a worker. If one is under way, that task is
/// returned.
#[utoipa::path(tag = "tenant", security(("bearer" = [])), responses((status = 202, body = AcceptedTaskView)))]
#[post("/v1/tenant/exports")]
pub(crate) async fn request_export(
    caller: Allowed<OwnTenant>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let task = app.tenant_tasks.request_export(caller.tenant).await?;
    Ok(HttpResponse::Accepted().json(AcceptedTaskView::from(task)))
}

/// Shows the progress of an export.
#[utoipa::path(
    tag = "tenant",
    security(("bearer" = [])),
    params(("task_id" = Uuid, Path, description = "The export's id")),
    responses((status = 200, body = TaskView))
)]
#[get("/v1/tenant/exports/{task_id}")]
pub(crate) async fn read_export_task(
    caller: Allowed<OwnTenant>,
    Id(id): Id<TaskId>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let task = app.tenant_tasks.get(caller.tenant, TaskKind::Export, id).await?;
    Ok(HttpResponse::Ok().json(TaskView::from(task)))
}

/// The document of an export, for a day after it was written.
#[utoipa::path(
    tag = "tenant",
    security(("bearer" = [])),
    params(("task_id" = Uuid, Path, description = "The export's id")),
    responses((status = 200, description = "The document", content_type = "application/json", body = Object))
)]
#[get("/v1/tenant/exports/{task_id}/document")]
pub(crate) async fn read_export_document(
    caller: Allowed<OwnTenant>,
    Id(id): Id<TaskId>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let task = app.tenant_tasks.get(caller.tenant, TaskKind::Export, id).await?;
    let first = app.tenant_tasks.document_part(&task, 0).await?;
    let parts = stream::try_unfold((first, 0), move |(part, number)| {
        let (app, task) = (app.clone(), task.clone());
        async move {
            let Some(part) = part else {
                return Ok::<_, TaskError>(None);
            };
            let next = app.tenant_tasks.document_part(&task, number + 1).await?;
            Ok(Some((Bytes::from(part), (next, number + 1))))
        }
    });
    Ok(document(parts))
}

/// Everything the tenant owns at this moment, as one document: no tokens, no hashes.
#[utoipa::path(
    tag = "tenant",
    security(("bearer" = [])),
    responses((status = 200, description = "The document", content_type = "application/json", body = Object))
)]
#[get("/v1/tenant/export")]
pub(crate) async fn export_tenant(
    caller: Allowed<OwnTenant>,
    request: HttpRequest,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    if wants_head_only(&request) {
        return Ok(document(stream::empty()));
    }
    let (sender, mut parts) = mpsc::channel(PARTS_AHEAD);
    let tenant = caller.tenant;
    tokio::spawn(async move {
        let sink = Sending(sender.clone());
        if let Err(error) = app.tenant_tasks.export_now(tenant, sink).await {
            let _reader_has_gone = timeout(READ_TIMEOUT, sender.send(Err(error))).await;
        }
    });
    // Whoever cannot be served at all is told so, and not by a body that breaks off.
    let first = parts.recv().await.unwrap_or(Err(TaskError::ReaderGone))?;
    let rest = stream::unfold(parts, |mut parts| async {
        parts.recv().await.map(|part| (part.map(Bytes::from), parts))
    });
    let first = stream::once(async { Ok(Bytes::from(first)) });
    Ok(document(futures::StreamExt::chain(first, rest)))
}

fn document(parts: impl stream::Stream<Item = Result<Bytes, TaskError>> + 'static) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((CONTENT_DISPOSITION, FILE))
        .streaming(Box::pin(parts))
}

/// Hands parts to whoever reads the answer.
struct Sending(mpsc::Sender<Result<Vec<u8>, TaskError>>);

impl Sink for Sending {
    async fn put(&mut self, part: Vec<u8>, _: u64, _: u64) -> Result<(), TaskError> {
        let sent = timeout(READ_TIMEOUT, self.0.send(Ok(part))).await;
        sent.ok().and_then(Result::ok).ok_or(TaskError::ReaderGone)
    }
}

/// Requests the tenant's deletion: everything it owns is deleted for good after a grace period.
///
/// Until then it can be canceled with `POST /v1/tenant/restore`. A second request returns the same deletion.
#[utoipa::path(tag = "tenant", security(("bearer" = [])), responses((status = 202, body = AcceptedTaskView)))]
#[delete("/v1/tenant")]
pub(crate) async fn delete_tenant(
    caller: Allowed<OwnTenant>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let task = app.tenant_tasks.request_deletion(caller.tenant).await?;
    Ok(HttpResponse::Accepted().json(AcceptedTaskView::from(task)))
}

/// Shows the tenant's scheduled deletion; 404 if there is none.
#[utoipa::path(tag = "tenant", security(("bearer" = [])), responses((status = 200, body = TaskView)))]
#[get("/v1/tenant/deletion")]
pub(crate) async fn read_deletion(
    caller: Allowed<ReadTenant>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let task = app.tenant_tasks.deletion(caller.tenant).await?;
    let task = task.ok_or_else(Problem::not_found)?;
    Ok(HttpResponse::Ok().json(TaskView::from(task)))
}

/// Cancels the tenant's deletion, as long as it has not begun.
#[utoipa::path(
    tag = "tenant",
    security(("bearer" = [])),
    responses(
        (status = 200, body = TenantView),
        (status = 409, description = "There is no deletion, or it has begun", body = crate::http::problem::ProblemView,
            content_type = "application/problem+json"),
    )
)]
#[post("/v1/tenant/restore")]
pub(crate) async fn restore_tenant(
    caller: Allowed<OwnTenant>,
    request: HttpRequest,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    app.tenant_tasks.cancel_deletion(caller.tenant).await?;
    changed(&request);
    let tenant = app.identity.tenant_settings.read(caller.tenant).await?;
    Ok(HttpResponse::Ok().json(TenantView::from(tenant)))
}
