//! The export of a whole tenant.

use super::task_view::{AcceptedTaskView, TaskView};
use crate::{
    app::App,
    http::{
        auth::{Allowed, OwnTenant},
        extract::Id,
        middleware::wants_head_only,
        problem::Problem,
    },
};
use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::CONTENT_DISPOSITION,
    post,
    web::{Bytes, Data},
};
use futures::stream;
use std::time::Duration;
use tokio::{sync::mpsc, time::timeout};
use vitrine_entity::{TaskId, tenant_task::TaskKind};
use vitrine_tenancy::tenants::{Sink, TaskError};

/// Parts that wait for a slow reader.
const PARTS_AHEAD: usize = 2;
/// A reader who takes no part for so long holds up others.
const READ_TIMEOUT: Duration = Duration::from_secs(20);
const FILE: &str = "attachment; filename=\"vitrine-export.json\"";

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
    // Whoever cannot be served at all gets an error, and not a body that breaks off.
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
