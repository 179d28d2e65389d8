//! Moving a sign-in to another tenant.

use super::auth::{SignedInView, answer};
use crate::{
    app::App,
    http::{
        auth::{Allowed, ReadTenant},
        extract::Json,
        middleware::changed,
        problem::{Problem, ProblemView},
    },
};
use actix_web::{HttpRequest, HttpResponse, post, web::Data};
use serde::Deserialize;
use utoipa::ToSchema;
use vitrine_entity::TenantId;

/// Where to continue.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"tenant_id": "01980a5e-7c3a-7b52-9a41-3f0d6c2b8e17"}))]
pub(crate) struct SwitchRequest {
    /// Another tenant that the person belongs to.
    #[schema(
        value_type = Uuid,
        extensions(("x-id-of" = json!({"thing": "tenant", "if_anothers": {"status": 404, "code": "not_found"}})))
    )]
    tenant_id: TenantId,
}

/// Moves the session to another tenant of the person, with a new pair of tokens.
///
/// The previous pair ends. To use both tenants, log in twice, with `tenant_id`.
#[utoipa::path(
    tag = "auth",
    security(("bearer" = [])),
    responses(
        (status = 200, body = SignedInView),
        (status = 404, description = "The person belongs to no such tenant", body = ProblemView, content_type = "application/problem+json")
    )
)]
#[post("/v1/auth/switch")]
pub(crate) async fn switch_tenant(
    caller: Allowed<ReadTenant>,
    request: HttpRequest,
    Json(body): Json<SwitchRequest>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let moved = app
        .identity
        .tenancies
        .switch(caller.caller.person()?, body.tenant_id)
        .await?;
    changed(&request);
    Ok(answer(HttpResponse::Ok(), &request, &app, moved))
}
