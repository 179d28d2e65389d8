//! The deletion of a whole tenant.

use super::{
    TenantView,
    task_view::{AcceptedTaskView, TaskView},
};
use crate::{
    app::App,
    http::{
        auth::{Allowed, OwnTenant, ReadTenant},
        middleware::changed,
        problem::{Problem, ProblemView},
    },
};
use actix_web::{HttpRequest, HttpResponse, delete, get, post, web::Data};

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
        (status = 409, description = "There is no deletion, or it has begun", body = ProblemView,
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
