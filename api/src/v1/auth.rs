//! Registering, signing in, staying signed in, signing out.

use super::{me::UserView, schemas, tenant::TenantView};
use crate::{app::App, extract::Json, middleware::acted, problem::Problem};
use actix_web::{HttpRequest, HttpResponse, http::header::USER_AGENT, post, web::Data};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vitrine_core::identity::{NewRegistration, SignedIn};
use vitrine_entity::membership::Role;

/// Somebody who wants a space of their own.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegisterRequest {
    /// Address; upper and lower case are the same.
    #[schema(format = "email", max_length = 254)]
    email: String,
    /// 8 to 256 characters.
    #[schema(value_type = String, format = "password", min_length = 8, max_length = 256)]
    password: SecretString,
    /// How the person is called.
    #[schema(max_length = 100)]
    name: String,
    /// How the site is called.
    #[schema(max_length = 100)]
    site_name: String,
}

/// Somebody who has registered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoginRequest {
    /// Address.
    #[schema(format = "email")]
    email: String,
    /// Password.
    #[schema(value_type = String, format = "password")]
    password: SecretString,
}

/// A refresh token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefreshRequest {
    /// The newest one of the sign-in.
    #[schema(value_type = String)]
    refresh_token: SecretString,
}

/// A sign-in.
#[derive(Serialize, ToSchema)]
pub(crate) struct SignedInView {
    /// Who signed in.
    user: UserView,
    /// Whose space was entered.
    tenant: TenantView,
    /// What the person may do there.
    #[schema(schema_with = schemas::role)]
    role: Role,
    /// Opens the API, as `Authorization: Bearer`.
    access_token: String,
    /// Always `Bearer`.
    token_type: &'static str,
    /// Seconds until the access token ends.
    expires_in: u64,
    /// Gets the next pair, once.
    refresh_token: String,
}

impl From<SignedIn> for SignedInView {
    fn from(signed_in: SignedIn) -> Self {
        Self {
            user: signed_in.user.into(),
            tenant: signed_in.tenant.into(),
            role: signed_in.role,
            access_token: signed_in.access_token.expose_secret().to_owned(),
            token_type: "Bearer",
            expires_in: signed_in.expires_in.as_secs(),
            refresh_token: signed_in.refresh_token.expose_secret().to_owned(),
        }
    }
}

fn user_agent(request: &HttpRequest) -> Option<String> {
    request
        .headers()
        .get(USER_AGENT)?
        .to_str()
        .ok()
        .map(str::to_owned)
}

/// Makes a person and a tenant, and signs the person in.
#[utoipa::path(tag = "auth", responses((status = 201, body = SignedInView)))]
#[post("/v1/auth/register")]
pub(crate) async fn register(
    request: HttpRequest,
    Json(body): Json<RegisterRequest>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let RegisterRequest {
        email,
        password,
        name,
        site_name,
    } = body;
    let new = NewRegistration {
        email,
        password,
        name,
        site_name,
    };
    let signed_in = app.identity.register(new, user_agent(&request)).await?;
    acted(&request, signed_in.tenant.id, signed_in.user.id);
    Ok(HttpResponse::Created().json(SignedInView::from(signed_in)))
}

/// Signs a person in.
#[utoipa::path(tag = "auth", responses((status = 200, body = SignedInView)))]
#[post("/v1/auth/login")]
pub(crate) async fn login(
    request: HttpRequest,
    Json(body): Json<LoginRequest>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let signed_in = app
        .identity
        .login(&body.email, &body.password, user_agent(&request))
        .await?;
    acted(&request, signed_in.tenant.id, signed_in.user.id);
    Ok(HttpResponse::Ok().json(SignedInView::from(signed_in)))
}

/// Trades a refresh token for the next pair, once; a token used twice ends the whole sign-in.
#[utoipa::path(tag = "auth", responses((status = 200, body = SignedInView)))]
#[post("/v1/auth/refresh")]
pub(crate) async fn refresh(
    Json(body): Json<RefreshRequest>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let signed_in = app.identity.refresh(&body.refresh_token).await?;
    Ok(HttpResponse::Ok().json(SignedInView::from(signed_in)))
}

/// Ends the sign-in of a refresh token; an unknown one is a success.
#[utoipa::path(tag = "auth", responses((status = 204, description = "Signed out")))]
#[post("/v1/auth/logout")]
pub(crate) async fn logout(
    Json(body): Json<RefreshRequest>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    app.identity.logout(&body.refresh_token).await?;
    Ok(HttpResponse::NoContent().finish())
}
