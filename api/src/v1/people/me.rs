//! The signed-in person.

use crate::{
    app::App,
    http::{
        auth::{Allowed, ReadTenant},
        client_info::client_info,
        extract::Json,
        middleware::changed,
        problem::{InvalidField, Problem},
    },
    openapi::schemas,
};
use actix_web::{HttpRequest, HttpResponse, get, patch, post, put, web::Data};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vitrine_entity::{TenantId, UserId, membership::Role, user};
use vitrine_people::identity::{Person, Reauthentication, Tenancy, check_current_password, checked_name};

/// A person.
#[derive(Serialize, ToSchema)]
pub(crate) struct UserView {
    /// Its id.
    #[schema(value_type = Uuid)]
    id: UserId,
    /// Email address.
    #[schema(format = "email")]
    email: String,
    /// The person's name.
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

/// The logged-in person, and what they may do here.
#[derive(Serialize, ToSchema)]
pub(crate) struct MeView {
    #[serde(flatten)]
    user: UserView,
    /// The tenant of the session.
    #[schema(value_type = Uuid)]
    tenant_id: TenantId,
    /// What the person may do there.
    #[schema(schema_with = schemas::role)]
    role: Role,
    /// A new address that is not confirmed yet.
    #[schema(required, format = "email")]
    pending_email: Option<String>,
    /// Every tenant that the person belongs to, in the order of joining.
    memberships: Vec<MembershipView>,
}

/// A tenant that the person belongs to.
#[derive(Serialize, ToSchema)]
pub(crate) struct MembershipView {
    /// The tenant.
    #[schema(value_type = Uuid)]
    tenant_id: TenantId,
    /// Name of its site.
    tenant_name: String,
    /// What the person may do there.
    #[schema(schema_with = schemas::role)]
    role: Role,
}

impl From<Tenancy> for MembershipView {
    fn from(tenancy: Tenancy) -> Self {
        Self {
            tenant_id: tenancy.tenant.id,
            tenant_name: tenancy.tenant.name,
            role: tenancy.role,
        }
    }
}

impl MeView {
    async fn of(app: &App, user: user::Model, person: &Person) -> Result<Self, Problem> {
        let memberships = app.identity.tenancies.list(person.user).await?;
        Ok(Self {
            pending_email: app.identity.email.pending(&user).await?,
            user: user.into(),
            tenant_id: person.tenant,
            role: person.role,
            memberships: memberships.into_iter().map(MembershipView::from).collect(),
        })
    }
}

/// What to change; what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Maria"}))]
pub(crate) struct UpdateMeRequest {
    /// The person's name.
    #[schema(max_length = 100)]
    name: Option<String>,
    /// A new email address. It counts once it is confirmed by the email that is sent to it.
    #[schema(format = "email", max_length = 254)]
    email: Option<String>,
    /// Required with `email`.
    #[schema(value_type = Option<String>, format = "password", max_length = 256)]
    current_password: Option<SecretString>,
    /// A code of the second factor, or a recovery code; required with `email` if logging in needs one.
    #[schema(value_type = Option<String>, max_length = 64)]
    code: Option<SecretString>,
}

/// A new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"current_password": "a tall ship and a star", "new_password": "nine grey herons at low tide"}))]
pub(crate) struct ChangePasswordRequest {
    /// The current password.
    #[schema(value_type = String, format = "password", max_length = 256)]
    current_password: SecretString,
    /// 8 to 256 characters, and not easy to guess.
    #[schema(value_type = String, format = "password", min_length = 8, max_length = 256)]
    new_password: SecretString,
    /// A code of the second factor, or a recovery code; required if logging in needs one.
    #[schema(value_type = Option<String>, max_length = 64)]
    code: Option<SecretString>,
}

/// Shows the logged-in person.
#[utoipa::path(tag = "me", security(("bearer" = [])), responses((status = 200, body = MeView)))]
#[get("/v1/me")]
pub(crate) async fn read_me(caller: Allowed<ReadTenant>, app: Data<App>) -> Result<HttpResponse, Problem> {
    let person = caller.caller.person()?;
    let user = app.identity.users.find(person.user).await?;
    Ok(HttpResponse::Ok().json(MeView::of(&app, user, person).await?))
}

/// Changes the logged-in person's name, and starts a change of their email address.
///
/// If the person has a second factor, a new address without `code` is answered with 401 `second_factor_required`.
#[utoipa::path(tag = "me", security(("bearer" = [])), responses((status = 200, body = MeView)))]
#[patch("/v1/me")]
pub(crate) async fn update_me(
    caller: Allowed<ReadTenant>,
    request: HttpRequest,
    Json(body): Json<UpdateMeRequest>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let person = caller.caller.person()?;
    // Before the address, which is changed by itself: what is refused changes nothing.
    if let Some(name) = &body.name {
        checked_name(name)?;
    }
    if let Some(password) = &body.current_password {
        check_current_password(password)?;
    }
    if let Some(email) = &body.email {
        let password = body.current_password.as_ref().ok_or_else(|| {
            let missing = InvalidField::new(
                "current_password",
                "required",
                "is required to change the email address",
            );
            Problem::invalid_fields(vec![missing])
        })?;
        let (client_info, code) = (client_info(&request, &app), body.code.as_ref());
        let presence = Reauthentication { password, code };
        app.identity
            .email
            .change(person, email, &presence, &client_info)
            .await?;
        changed(&request);
    }
    let user = match body.name {
        Some(name) => {
            let renamed = app.identity.users.rename(person.user, &name).await?;
            changed(&request);
            renamed
        }
        None => app.identity.users.find(person.user).await?,
    };
    Ok(HttpResponse::Ok().json(MeView::of(&app, user, person).await?))
}

/// Sends the email again that confirms the logged-in person's address; nothing if it is confirmed.
#[utoipa::path(tag = "me", security(("bearer" = [])), responses((status = 202, description = "An email is on its way")))]
#[post("/v1/me/email/verification")]
pub(crate) async fn resend_verification(
    caller: Allowed<ReadTenant>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let person = caller.caller.person()?;
    app.identity.email.resend(person.user).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// Changes the logged-in person's password; their other sessions end.
///
/// If the person has a second factor, a request without `code` is answered with 401 `second_factor_required`.
#[utoipa::path(tag = "me", security(("bearer" = [])), responses((status = 204, description = "The password is changed")))]
#[put("/v1/me/password")]
pub(crate) async fn change_password(
    caller: Allowed<ReadTenant>,
    request: HttpRequest,
    Json(body): Json<ChangePasswordRequest>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let (person, client_info) = (caller.caller.person()?, client_info(&request, &app));
    let presence = Reauthentication {
        password: &body.current_password,
        code: body.code.as_ref(),
    };
    app.identity
        .password_change
        .change(person, &presence, &body.new_password, &client_info)
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
