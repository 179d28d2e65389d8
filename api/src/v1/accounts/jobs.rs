//! The history of jobs.

use crate::{
    app::App,
    http::{
        auth::{Allowed, ReadJobs, WriteAccounts},
        extract::{FromQuery, Id, Query, QueryReader},
        listing::{ListQuery, ListView},
        problem::Problem,
    },
    openapi::schemas,
};
use actix_web::{HttpResponse, get, post, web::Data};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use vitrine_accounts::jobs::JobFilter;
use vitrine_entity::{
    AccountId, JobId,
    job::{self, JobKind, JobStatus},
};

/// A job.
#[derive(Serialize, ToSchema)]
pub(crate) struct JobView {
    /// Its id.
    #[schema(value_type = Uuid)]
    id: JobId,
    /// What it does.
    #[schema(schema_with = schemas::job_kind)]
    kind: JobKind,
    /// Its status.
    #[schema(schema_with = schemas::job_status)]
    status: JobStatus,
    /// The account that it concerns.
    #[schema(value_type = Uuid)]
    account_id: AccountId,
    /// Runs so far.
    attempts: i32,
    /// When it was requested.
    queued_at: DateTime<Utc>,
    /// When its last run began.
    started_at: Option<DateTime<Utc>>,
    /// When it ended.
    finished_at: Option<DateTime<Utc>>,
    /// Machine word for what went wrong.
    error: Option<String>,
    /// Its result.
    result: Option<serde_json::Value>,
}

impl From<job::Model> for JobView {
    fn from(job: job::Model) -> Self {
        Self {
            id: job.id,
            kind: job.kind,
            status: job.status,
            account_id: job.account_id,
            attempts: job.attempts,
            queued_at: job.queued_at,
            started_at: job.started_at,
            finished_at: job.finished_at,
            error: job.error,
            result: job.result,
        }
    }
}

/// Which jobs to list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct JobsQuery {
    /// About this account.
    #[param(schema_with = schemas::account_id)]
    account_id: Option<AccountId>,
    /// Of this kind.
    #[param(schema_with = schemas::job_kind)]
    kind: Option<JobKind>,
    /// In this state.
    #[param(schema_with = schemas::job_status)]
    status: Option<JobStatus>,
}

impl FromQuery for JobsQuery {
    fn from_query(query: &mut QueryReader<'_>) -> Self {
        Self {
            account_id: query.parsed("account_id", "the id of an account"),
            kind: query.word("kind"),
            status: query.word("status"),
        }
    }
}

/// Lists the tenant's jobs, newest first.
#[utoipa::path(
    tag = "jobs",
    security(("bearer" = []), ("api_key" = [])),
    params(JobsQuery, ListQuery),
    responses((status = 200, body = ListView<JobView>))
)]
#[get("/v1/jobs")]
pub(crate) async fn list_jobs(
    caller: Allowed<ReadJobs>,
    Query(filter): Query<JobsQuery>,
    Query(query): Query<ListQuery>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let JobsQuery {
        account_id,
        kind,
        status,
    } = filter;
    let page = app
        .jobs
        .list(
            caller.tenant,
            JobFilter {
                account_id,
                kind,
                status,
            },
            query.into(),
        )
        .await?;
    Ok(HttpResponse::Ok().json(ListView::<JobView>::of(page)))
}

/// Shows one job.
#[utoipa::path(
    tag = "jobs",
    security(("bearer" = []), ("api_key" = [])),
    params(("job_id" = Uuid, Path, description = "The job's id")),
    responses((status = 200, body = JobView))
)]
#[get("/v1/jobs/{job_id}")]
pub(crate) async fn read_job(
    caller: Allowed<ReadJobs>,
    Id(id): Id<JobId>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let job = app.jobs.get(caller.tenant, id).await?;
    Ok(HttpResponse::Ok().json(JobView::from(job)))
}

/// Queues a dead job again.
#[utoipa::path(
    tag = "jobs",
    security(("bearer" = []), ("api_key" = [])),
    params(("job_id" = Uuid, Path, description = "The job's id")),
    responses((status = 202, body = JobView))
)]
#[post("/v1/jobs/{job_id}/retry")]
pub(crate) async fn retry_job(
    caller: Allowed<WriteAccounts>,
    Id(id): Id<JobId>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let job = app.jobs.retry(caller.tenant, id).await?;
    Ok(HttpResponse::Accepted().json(JobView::from(job)))
}
