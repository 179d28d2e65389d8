//! The tenant: one site owner's space.

pub(crate) mod audit_log;
pub(crate) mod deletion;
pub(crate) mod exports;
mod plan_view;
mod task_view;
pub(crate) mod usage;

use crate::{
    app::App,
    http::{
        auth::{Allowed, ManageTenant, ReadTenant},
        extract::Json,
        middleware::changed,
        problem::Problem,
    },
};
use actix_web::{HttpRequest, HttpResponse, get, patch, web::Data};
use chrono::{DateTime, Utc};
use plan_view::PlanView;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vitrine_entity::{TenantId, tenant};
use vitrine_people::identity::{IdentityError, TenantChange};

/// A tenant.
#[derive(Serialize, ToSchema)]
pub(crate) struct TenantView {
    /// Its id.
    #[schema(value_type = Uuid)]
    id: TenantId,
    /// Name of the site.
    name: String,
    /// Origins of the owner's own pages: they may call this API, and a connection may return to them.
    allowed_origins: Vec<String>,
    /// When it registered.
    created_at: DateTime<Utc>,
    /// When it last changed.
    updated_at: DateTime<Utc>,
    /// Since when the operator has paused its syncs.
    schedule_paused_at: Option<DateTime<Utc>>,
}

impl From<tenant::Model> for TenantView {
    fn from(tenant: tenant::Model) -> Self {
        Self {
            id: tenant.id,
            name: tenant.name,
            allowed_origins: tenant.allowed_origins.0,
            created_at: tenant.created_at,
            updated_at: tenant.updated_at,
            schedule_paused_at: tenant.paused_at,
        }
    }
}

/// A tenant and its plan.
#[derive(Serialize, ToSchema)]
pub(crate) struct TenantWithPlanView {
    #[serde(flatten)]
    tenant: TenantView,
    /// What the tenant may have, and has.
    plan: PlanView,
}

impl TenantWithPlanView {
    async fn new(app: &App, tenant: tenant::Model) -> Result<Self, Problem> {
        let plan = app.plans.of(tenant.id).await.map_err(IdentityError::from)?;
        Ok(Self {
            tenant: tenant.into(),
            plan: plan.into(),
        })
    }
}

/// What to change; what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Photographs", "allowed_origins": ["https://www.example.com"]}))]
pub(crate) struct UpdateTenantRequest {
    /// Name of the site.
    #[schema(max_length = 100)]
    name: Option<String>,
    /// Origins of the owner's own pages, such as `https://example.com` or `https://*.example.com`.
    #[schema(max_items = 50)]
    allowed_origins: Option<Vec<String>>,
}

/// Shows the tenant.
#[utoipa::path(tag = "tenant", security(("bearer" = [])), responses((status = 200, body = TenantWithPlanView)))]
#[get("/v1/tenant")]
pub(crate) async fn read_tenant(
    caller: Allowed<ReadTenant>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let tenant = app.identity.tenant_settings.read(caller.tenant).await?;
    Ok(HttpResponse::Ok().json(TenantWithPlanView::new(&app, tenant).await?))
}

/// Changes the tenant.
#[utoipa::path(tag = "tenant", security(("bearer" = [])), responses((status = 200, body = TenantWithPlanView)))]
#[patch("/v1/tenant")]
pub(crate) async fn update_tenant(
    caller: Allowed<ManageTenant>,
    request: HttpRequest,
    Json(body): Json<UpdateTenantRequest>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let change = TenantChange {
        name: body.name,
        allowed_origins: body.allowed_origins,
    };
    let tenant = app.identity.tenant_settings.update(caller.tenant, change).await?;
    changed(&request);
    Ok(HttpResponse::Ok().json(TenantWithPlanView::new(&app, tenant).await?))
}
