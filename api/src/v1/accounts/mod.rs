//! Connected Instagram accounts.

pub(crate) mod callbacks;
pub(crate) mod connections;
pub(crate) mod jobs;
pub(crate) mod media;

use crate::{
    app::App,
    http::{
        auth::{Allowed, ReadAccounts, WriteAccounts},
        extract::{Id, Json, Query, nullable_whole},
        listing::{ListQuery, ListView},
        problem::Problem,
    },
    openapi::schemas,
};
use actix_web::{HttpResponse, delete, get, http::header::LOCATION, patch, post, web::Data};
use chrono::{DateTime, Utc};
use jobs::JobView;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vitrine_accounts::{AccountChange, AccountDetail, Quota};
use vitrine_entity::{
    AccountId,
    account::{self, AccountStatus},
    account_token, job,
};

/// A connected account. Its token never leaves the server.
#[derive(Serialize, ToSchema)]
pub(crate) struct AccountView {
    /// Its id.
    #[schema(value_type = Uuid)]
    id: AccountId,
    /// Always `instagram`.
    platform: &'static str,
    /// Instagram's own id.
    platform_user_id: String,
    /// Handle; can change.
    username: Option<String>,
    /// Display name.
    name: Option<String>,
    /// `BUSINESS`, `MEDIA_CREATOR` or whatever Instagram says.
    account_type: Option<String>,
    /// Signed link to the portrait; expires.
    profile_picture_url: Option<String>,
    /// Posts, as Instagram counts them.
    media_count: Option<i64>,
    /// Followers.
    followers_count: Option<i64>,
    /// What it needs from a person.
    #[schema(schema_with = schemas::account_status)]
    status: AccountStatus,
    /// Machine word for why.
    status_reason: Option<String>,
    /// Its token's dates; null when it has none.
    token: Option<TokenView>,
    /// When its posts are copied.
    sync: SyncView,
    /// Its call budget.
    quota: QuotaView,
    /// When it was connected.
    created_at: DateTime<Utc>,
}

/// A token's dates.
#[derive(Serialize, ToSchema)]
#[schema(as = AccountToken)]
pub(crate) struct TokenView {
    /// When this consent was given.
    issued_at: DateTime<Utc>,
    /// When the token expires unless it is refreshed.
    expires_at: DateTime<Utc>,
    /// Whether `expires_at` was assumed because Instagram did not say.
    expiry_assumed: bool,
    /// When it was last refreshed.
    refreshed_at: Option<DateTime<Utc>>,
    /// When it is refreshed next; null once it has expired.
    next_refresh_at: Option<DateTime<Utc>>,
}

/// When an account's posts are copied.
#[derive(Serialize, ToSchema)]
pub(crate) struct SyncView {
    /// Seconds between two syncs.
    every_seconds: u64,
    /// When the last one succeeded.
    last_at: Option<DateTime<Utc>>,
    /// When the next one is due; null if none is planned.
    next_at: Option<DateTime<Utc>>,
    /// Machine word for why the last one failed.
    last_error: Option<String>,
}

/// A call budget over a rolling window.
#[derive(Serialize, ToSchema)]
pub(crate) struct QuotaView {
    /// Calls in a window.
    limit: u32,
    /// Calls used.
    used: u32,
    /// Calls left.
    remaining: u32,
    /// Length of the window.
    window_seconds: u64,
    /// When the oldest of the used calls stops counting.
    resets_at: Option<DateTime<Utc>>,
    /// No call is made until then.
    blocked_until: Option<DateTime<Utc>>,
}

impl From<AccountDetail> for AccountView {
    fn from(detail: AccountDetail) -> Self {
        let every_seconds = detail.sync_every.as_secs();
        let quota = QuotaView::new(detail.quota);
        Self::new(detail.account, detail.token.map(Into::into), every_seconds, quota)
    }
}

impl AccountView {
    fn new(account: account::Model, token: Option<TokenView>, every_seconds: u64, quota: QuotaView) -> Self {
        Self {
            id: account.id,
            platform: "instagram",
            platform_user_id: account.platform_user_id,
            username: account.username,
            name: account.name,
            account_type: account.account_type,
            profile_picture_url: account.profile_picture_url,
            media_count: account.media_count,
            followers_count: account.followers_count,
            status: account.status,
            status_reason: account.status_reason,
            token,
            sync: SyncView {
                every_seconds,
                last_at: account.synced_at,
                next_at: account.next_sync_at,
                last_error: account.sync_error,
            },
            quota,
            created_at: account.created_at,
        }
    }
}

impl From<account_token::Model> for TokenView {
    fn from(token: account_token::Model) -> Self {
        Self {
            issued_at: token.issued_at,
            expires_at: token.expires_at,
            expiry_assumed: token.expiry_assumed,
            refreshed_at: token.refreshed_at,
            next_refresh_at: token.next_refresh_at,
        }
    }
}

impl QuotaView {
    fn new(quota: Quota) -> Self {
        Self {
            limit: quota.limit,
            used: quota.used,
            remaining: quota.remaining,
            window_seconds: quota.window.as_secs(),
            resets_at: quota.resets_at,
            blocked_until: quota.blocked_until,
        }
    }
}

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
