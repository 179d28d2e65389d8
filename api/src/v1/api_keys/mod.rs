//! API keys.

pub(crate) mod own_key;

use crate::{
    app::App,
    http::{
        auth::{Allowed, ManageKeys},
        extract::{Id, Json, Query, whole},
        listing::{ListQuery, ListView},
        middleware::changed_nothing,
        problem::{Problem, ProblemView},
    },
    openapi::schemas,
};
use actix_web::{HttpRequest, HttpResponse, delete, get, post, web::Data};
use chrono::{DateTime, Utc};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::ToSchema;
use vitrine_entity::{
    ApiKeyId,
    api_key::{self, KeyKind},
};
use vitrine_feeds::keys::{CreatedKey, NewApiKey, Scope};

/// A new key.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Front page", "kind": "publishable", "scopes": ["feeds:read"], "allowed_origins": ["https://www.example.com"]}))]
pub(crate) struct NewApiKeyRequest {
    /// What the owner calls it.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// Where it will be kept.
    #[schema(schema_with = schemas::key_kind)]
    kind: KeyKind,
    /// What it allows; a publishable key allows `feeds:read` only.
    #[serde(default)]
    #[schema(schema_with = schemas::scopes)]
    scopes: Vec<Scope>,
    /// Origins it may be used from; empty means any.
    #[serde(default)]
    #[schema(max_items = 50)]
    allowed_origins: Vec<String>,
    /// When it expires, within ten years.
    expires_at: Option<DateTime<Utc>>,
}

/// How to replace a key.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"overlap_seconds": 3600}))]
pub(crate) struct RotateApiKeyRequest {
    /// Seconds for which the old key keeps working, at most a week; 0 ends it at once.
    #[serde(default, deserialize_with = "whole")]
    #[schema(value_type = Option<u32>, maximum = 604_800, default = 86_400)]
    overlap_seconds: Option<u32>,
}

/// Enough to put the new key in the old one's place.
/// How long a key works on that another took the place of.
const A_DAY: u64 = 86_400;

/// A key, as it is shown after its creation.
#[derive(Serialize, ToSchema)]
pub(crate) struct ApiKeyView {
    /// Its id.
    #[schema(value_type = Uuid)]
    id: ApiKeyId,
    /// What the owner calls it.
    name: String,
    /// Where it may be kept.
    #[schema(schema_with = schemas::key_kind)]
    kind: KeyKind,
    /// Its first characters, to recognise it by.
    prefix: String,
    /// What it allows.
    #[schema(schema_with = schemas::scopes)]
    scopes: Vec<String>,
    /// Origins it may be used from; empty means any.
    allowed_origins: Vec<String>,
    /// When it was created.
    created_at: DateTime<Utc>,
    /// When it expires.
    expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to within some minutes.
    last_used_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    revoked_at: Option<DateTime<Utc>>,
    /// When another key replaced it; it then ends at `expires_at`.
    rotated_at: Option<DateTime<Utc>>,
    /// The key that replaced it.
    #[schema(value_type = Option<Uuid>)]
    replaced_by: Option<ApiKeyId>,
}

impl From<api_key::Model> for ApiKeyView {
    fn from(key: api_key::Model) -> Self {
        Self {
            id: key.id,
            name: key.name,
            kind: key.kind,
            prefix: key.prefix,
            scopes: key.scopes.0,
            allowed_origins: key.allowed_origins.0,
            created_at: key.created_at,
            expires_at: key.expires_at,
            last_used_at: key.last_used_at,
            revoked_at: key.revoked_at,
            rotated_at: key.rotated_at,
            replaced_by: key.replaced_by,
        }
    }
}

/// A new key.
#[derive(Serialize, ToSchema)]
pub(crate) struct CreatedKeyView {
    #[serde(flatten)]
    api_key: ApiKeyView,
    /// The key itself; it is never shown again.
    key: String,
}

impl From<CreatedKey> for CreatedKeyView {
    fn from(created: CreatedKey) -> Self {
        Self {
            api_key: created.row.into(),
            key: created.key.expose_secret().to_owned(),
        }
    }
}

/// Lists the tenant's keys, newest first, including revoked ones.
#[utoipa::path(tag = "api-keys", security(("bearer" = [])), params(ListQuery), responses((status = 200, body = ListView<ApiKeyView>)))]
#[get("/v1/api-keys")]
pub(crate) async fn list_api_keys(
    caller: Allowed<ManageKeys>,
    Query(query): Query<ListQuery>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let page = app.api_keys.list(caller.tenant, query.into()).await?;
    Ok(HttpResponse::Ok().json(ListView::<ApiKeyView>::of(page)))
}

/// Creates a key and shows it, only this once.
#[utoipa::path(tag = "api-keys", security(("bearer" = [])), responses((status = 201, body = CreatedKeyView)))]
#[post("/v1/api-keys")]
pub(crate) async fn create_api_key(
    caller: Allowed<ManageKeys>,
    Json(body): Json<NewApiKeyRequest>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let NewApiKeyRequest {
        name,
        kind,
        scopes,
        allowed_origins,
        expires_at,
    } = body;
    let new = NewApiKey {
        name,
        kind,
        scopes,
        allowed_origins,
        expires_at,
    };
    let created = app
        .api_keys
        .create(caller.tenant, Some(caller.caller.person()?), new)
        .await?;
    Ok(HttpResponse::Created().json(CreatedKeyView::from(created)))
}

/// Revokes a key. Revoking it again is a success.
#[utoipa::path(
    tag = "api-keys",
    security(("bearer" = [])),
    params(("api_key_id" = Uuid, Path, description = "The key's id")),
    responses((status = 204, description = "Revoked"))
)]
#[delete("/v1/api-keys/{api_key_id}")]
pub(crate) async fn revoke_api_key(
    caller: Allowed<ManageKeys>,
    Id(id): Id<ApiKeyId>,
    request: HttpRequest,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    if !app.api_keys.revoke(caller.tenant, id).await? {
        changed_nothing(&request);
    }
    Ok(HttpResponse::NoContent().finish())
}

/// Replaces a key by a new one with the same name, kind, scopes, origins and lifetime.
///
/// The old key keeps working for `overlap_seconds`. A key can be rotated once, even by several requests at once: the
/// others get 409 `key_already_rotated`. A key that has ended gets 409 `key_ended`.
///
/// Until the old key ends, both count for the plan's keys: 403 `plan_limit_reached` if there is no room for both. With
/// an `overlap_seconds` of 0 the new key replaces the old one at once and needs no room. Use that for a leaked key.
#[utoipa::path(
    tag = "api-keys",
    security(("bearer" = [])),
    params(("api_key_id" = Uuid, Path, description = "The old key's id")),
    responses(
        (status = 201, body = CreatedKeyView),
        (status = 409, description = "`key_ended` or `key_already_rotated`", body = ProblemView, content_type = "application/problem+json")
    )
)]
#[post("/v1/api-keys/{api_key_id}/rotate")]
pub(crate) async fn rotate_api_key(
    caller: Allowed<ManageKeys>,
    Id(id): Id<ApiKeyId>,
    Json(body): Json<RotateApiKeyRequest>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let overlap = Duration::from_secs(body.overlap_seconds.map_or(A_DAY, u64::from));
    let rotated = app
        .api_keys
        .rotate(caller.tenant, caller.caller.person()?, id, overlap)
        .await?;
    Ok(HttpResponse::Created().json(CreatedKeyView::from(rotated)))
}
