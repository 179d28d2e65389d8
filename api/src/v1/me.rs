//! The signed-in person.

use super::schemas;
use crate::{
    app::App,
    auth::{Allowed, ReadTenant},
    extract::Json,
    problem::Problem,
};
use actix_web::{HttpResponse, get, patch, web::Data};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vitrine_core::identity::Person;
use vitrine_entity::{TenantId, UserId, membership::Role, user};

/// A person.
#[derive(Serialize, ToSchema)]
pub(crate) struct UserView {
    /// Its id.
    #[schema(value_type = Uuid)]
    id: UserId,
    /// Address.
    #[schema(format = "email")]
    email: String,
    /// How the person is called.
    name: String,
    /// Whether the address was confirmed.
    email_verified: bool,
    /// When the person registered.
    created_at: DateTime<Utc>,
}

impl From<user::Model> for UserView {
    fn from(user: user::Model) -> Self {
        Self {
            id: user.id,
            email: user.email,
            name: user.name,
            email_verified: user.email_verified_at.is_some(),
            created_at: user.created_at,
        }
    }
}

/// The signed-in person, and what they may do here.
#[derive(Serialize, ToSchema)]
pub(crate) struct MeView {
    #[serde(flatten)]
    user: UserView,
    /// The tenant that the sign-in is for.
    #[schema(value_type = Uuid)]
    tenant_id: TenantId,
    /// What the person may do there.
    #[schema(schema_with = schemas::role)]
    role: Role,
}

impl MeView {
    fn new(user: user::Model, person: &Person) -> Self {
        Self {
            user: user.into(),
            tenant_id: person.tenant,
            role: person.role,
        }
    }
}

/// What shall be different; what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RenameMeRequest {
    /// How the person is called.
    #[schema(max_length = 100)]
    name: Option<String>,
}

/// Shows the signed-in person.
#[utoipa::path(tag = "me", security(("bearer" = [])), responses((status = 200, body = MeView)))]
#[get("/v1/me")]
pub(crate) async fn read_me(caller: Allowed<ReadTenant>, app: Data<App>) -> Result<HttpResponse, Problem> {
    let person = caller.caller.person()?;
    let user = app.identity.user(person.user).await?;
    Ok(HttpResponse::Ok().json(MeView::new(user, person)))
}

/// Changes how the signed-in person is called.
#[utoipa::path(tag = "me", security(("bearer" = [])), responses((status = 200, body = MeView)))]
#[patch("/v1/me")]
pub(crate) async fn rename_me(
    caller: Allowed<ReadTenant>,
    Json(body): Json<RenameMeRequest>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let person = caller.caller.person()?;
    let user = match body.name {
        Some(name) => app.identity.rename_user(person.user, &name).await?,
        None => app.identity.user(person.user).await?,
    };
    Ok(HttpResponse::Ok().json(MeView::new(user, person)))
}
