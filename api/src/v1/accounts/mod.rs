//! Connected Instagram accounts.

pub(crate) mod callbacks;
pub(crate) mod connections;
pub(crate) mod consent_callback;
pub(crate) mod jobs;
pub(crate) mod media;
mod view;
pub(crate) mod webhook;

use crate::{
    app::App,
    http::{
        auth::{Allowed, ReadAccounts, WriteAccounts},
        extract::{Id, Json, Query, nullable_whole},
        listing::{ListQuery, ListView},
        problem::Problem,
    },
};
use actix_web::{HttpResponse, delete, get, http::header::LOCATION, patch, post, web::Data};
use jobs::JobView;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use view::AccountView;
use vitrine_accounts::AccountChange;
use vitrine_entity::{AccountId, job};

/// What to change; what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"paused": false, "sync_every_seconds": 10800}))]
pub(crate) struct UpdateAccountRequest {
    /// Pause or resume the syncs.
    paused: Option<bool>,
    /// Seconds between two syncs; null for the server's cadence.
    #[serde(default, deserialize_with = "nullable_whole")]
    #[schema(value_type = Option<i64>, minimum = 300, maximum = 172_800)]
    sync_every_seconds: Option<Option<i64>>,
}

/// The job that was queued, or the one that is already waiting.
#[derive(Serialize, ToSchema)]
pub(crate) struct QueuedJobView {
    /// The job.
    job: JobView,
}

fn queued(job: job::Model) -> HttpResponse {
    let location = format!("/v1/jobs/{}", job.id);
    HttpResponse::Accepted()
        .insert_header((LOCATION, location))
        .json(QueuedJobView { job: job.into() })
}

/// Lists the tenant's accounts, newest first.
#[utoipa::path(
    tag = "accounts",
    security(("bearer" = []), ("api_key" = [])),
    params(ListQuery),
    responses((status = 200, body = ListView<AccountView>))
)]
#[get("/v1/accounts")]
pub(crate) async fn list_accounts(
    caller: Allowed<ReadAccounts>,
    Query(query): Query<ListQuery>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let page = app.accounts.list(caller.tenant, query.into()).await?;
    Ok(HttpResponse::Ok().json(ListView::<AccountView>::of(page)))
}

/// Shows one account.
#[utoipa::path(
    tag = "accounts",
    security(("bearer" = []), ("api_key" = [])),
    params(("account_id" = Uuid, Path, description = "The account's id")),
    responses((status = 200, body = AccountView))
)]
#[get("/v1/accounts/{account_id}")]
pub(crate) async fn read_account(
    caller: Allowed<ReadAccounts>,
    Id(id): Id<AccountId>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let detail = app.accounts.get(caller.tenant, id).await?;
    Ok(HttpResponse::Ok().json(AccountView::from(detail)))
}

/// Pauses or resumes an account, or changes how often it is synced.
#[utoipa::path(
    tag = "accounts",
    security(("bearer" = []), ("api_key" = [])),
    params(("account_id" = Uuid, Path, description = "The account's id")),
    responses((status = 200, body = AccountView))
)]
#[patch("/v1/accounts/{account_id}")]
pub(crate) async fn update_account(
    caller: Allowed<WriteAccounts>,
    Id(id): Id<AccountId>,
    Json(body): Json<UpdateAccountRequest>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let change = AccountChange {
        paused: body.paused,
        sync_every_seconds: body.sync_every_seconds,
    };
    let detail = app.accounts.update(caller.tenant, id, change).await?;
    Ok(HttpResponse::Ok().json(AccountView::from(detail)))
}

/// Disconnects an account, and deletes its token and its posts.
#[utoipa::path(
    tag = "accounts",
    security(("bearer" = []), ("api_key" = [])),
    params(("account_id" = Uuid, Path, description = "The account's id")),
    responses((status = 204, description = "Disconnected"))
)]
#[delete("/v1/accounts/{account_id}")]
pub(crate) async fn disconnect_account(
    caller: Allowed<WriteAccounts>,
    Id(id): Id<AccountId>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    app.accounts.disconnect(caller.tenant, id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Queues a sync. If one is already waiting, that job is returned.
#[utoipa::path(
    tag = "accounts",
    security(("bearer" = []), ("api_key" = [])),
    params(("account_id" = Uuid, Path, description = "The account's id")),
    responses((status = 202, body = QueuedJobView))
)]
#[post("/v1/accounts/{account_id}/sync")]
pub(crate) async fn sync_account(
    caller: Allowed<WriteAccounts>,
    Id(id): Id<AccountId>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    Ok(queued(app.accounts.request_sync(caller.tenant, id).await?))
}

/// Queues a refresh of the token. If one is already waiting, that job is returned.
#[utoipa::path(
    tag = "accounts",
    security(("bearer" = []), ("api_key" = [])),
    params(("account_id" = Uuid, Path, description = "The account's id")),
    responses((status = 202, body = QueuedJobView))
)]
#[post("/v1/accounts/{account_id}/refresh-token")]
pub(crate) async fn refresh_account_token(
    caller: Allowed<WriteAccounts>,
    Id(id): Id<AccountId>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    Ok(queued(app.accounts.request_refresh(caller.tenant, id).await?))
}
