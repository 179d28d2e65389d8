//! Registering, signing in, staying signed in, signing out.

use super::me::UserView;
use crate::{
    app::App,
    http::{
        auth::refresh_cookie,
        client_info::client_info,
        extract::Json,
        middleware::{acted, changed_nothing},
        problem::{InvalidField, Problem},
    },
    openapi::schemas,
    v1::tenant::TenantView,
};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, post, web::Data};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vitrine_entity::{TenantId, membership::Role};
use vitrine_people::identity::{Credentials, NewRegistration, SignedIn};

/// A person who wants a site of their own.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "maria@example.com", "password": "a tall ship and a star", "name": "Maria", "site_name": "Photographs"}))]
pub(crate) struct RegisterRequest {
    /// Email address; upper and lower case are the same.
    #[schema(format = "email", max_length = 254)]
    email: String,
    /// 8 to 256 characters, and not easy to guess.
    #[schema(value_type = String, format = "password", min_length = 8, max_length = 256)]
    password: SecretString,
    /// The person's name.
    #[schema(max_length = 100)]
    name: String,
    /// The site's name.
    #[schema(max_length = 100)]
    site_name: String,
}

/// A person who has registered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "maria@example.com", "password": "a tall ship and a star"}))]
pub(crate) struct LoginRequest {
    /// Email address.
    #[schema(format = "email", max_length = 254)]
    email: String,
    /// Password.
    #[schema(value_type = String, format = "password", max_length = 256)]
    password: SecretString,
    /// A code of the authenticator app, or a recovery code; required after 401 `second_factor_required`.
    #[schema(value_type = Option<String>, max_length = 64)]
    code: Option<SecretString>,
    /// Which tenant to enter, for people who belong to several. Default: the one joined first.
    #[schema(
        value_type = Option<Uuid>,
        extensions(("x-id-of" = json!({"thing": "tenant", "if_anothers": {"status": 404, "code": "not_found"}})))
    )]
    tenant_id: Option<TenantId>,
}

/// A refresh token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"refresh_token": "the one of the last login or refresh"}))]
pub(crate) struct RefreshRequest {
    /// The newest one of the session. The dashboard leaves it out, because it is in a cookie.
    #[schema(value_type = Option<String>)]
    refresh_token: Option<SecretString>,
}

/// A session.
#[derive(Serialize, ToSchema)]
pub(crate) struct SignedInView {
    /// Who logged in.
    user: UserView,
    /// The tenant that was entered.
    tenant: TenantView,
    /// What the person may do there.
    #[schema(schema_with = schemas::role)]
    role: Role,
    /// Gives access to the API, as `Authorization: Bearer`.
    access_token: String,
    /// Always `Bearer`.
    token_type: &'static str,
    /// Seconds until the access token ends.
    expires_in: u64,
    /// Returns the next pair, once; null for the dashboard, which gets it in a cookie.
    #[schema(required)]
    refresh_token: Option<String>,
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
            refresh_token: Some(signed_in.refresh_token.expose_secret().to_owned()),
        }
    }
}

/// The answer to a sign-in: the dashboard gets its refresh token in a cookie, and not in the body.
pub(super) fn answer(
    mut builder: HttpResponseBuilder,
    request: &HttpRequest,
    app: &App,
    signed_in: SignedIn,
) -> HttpResponse {
    let (token, lifetime) = (signed_in.refresh_token.clone(), signed_in.refresh_expires_in);
    let mut view = SignedInView::from(signed_in);
    if !refresh_cookie::is_dashboard(request) {
        return builder.json(view);
    }
    view.refresh_token = None;
    let mut answer = builder.json(view);
    refresh_cookie::keep(&mut answer, app, &token, lifetime);
    answer
}

/// The refresh token in the body, or else in the dashboard's cookie.
fn shown(request: &HttpRequest, app: &App, body: RefreshRequest) -> Result<SecretString, Problem> {
    let token = body
        .refresh_token
        .or_else(|| refresh_cookie::token_in_cookie(request, app));
    token.ok_or_else(|| {
        let missing = InvalidField::new("refresh_token", "required", "must be given");
        Problem::invalid_fields(vec![missing])
    })
}

/// Creates a person and a tenant, and logs the person in.
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
    let signed_in = app
        .identity
        .registration
        .register(new, client_info(&request, &app))
        .await?;
    acted(&request, signed_in.tenant.id, signed_in.user.id);
    Ok(answer(HttpResponse::Created(), &request, &app, signed_in))
}

/// Logs a person in.
///
/// If the person has a second factor, a login without `code` is answered with 401 `second_factor_required`. Send it
/// again with `code`. Failed logins are limited by network and by email address: 429 with `Retry-After`.
///
/// With the header `X-Vitrine-Client: dashboard`, on this and the other routes that return a refresh token, the
/// token comes as an HttpOnly cookie instead.
#[utoipa::path(tag = "auth", responses(
    (status = 200, body = SignedInView),
    (status = 401, description = "`invalid_credentials`, `second_factor_required` or `invalid_code`", body = crate::http::problem::ProblemView, content_type = "application/problem+json"),
    (status = 404, description = "The person belongs to no such tenant", body = crate::http::problem::ProblemView, content_type = "application/problem+json"),
    (status = 429, description = "`too_many_tries`", body = crate::http::problem::ProblemView, content_type = "application/problem+json"),
))]
#[post("/v1/auth/login")]
pub(crate) async fn login(
    request: HttpRequest,
    Json(body): Json<LoginRequest>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let LoginRequest {
        email,
        password,
        code,
        tenant_id,
    } = body;
    let shown = Credentials {
        email,
        password,
        code,
        tenant: tenant_id,
    };
    let signed_in = app
        .identity
        .login
        .log_in(&shown, client_info(&request, &app))
        .await?;
    acted(&request, signed_in.tenant.id, signed_in.user.id);
    Ok(answer(HttpResponse::Ok(), &request, &app, signed_in))
}

/// Exchanges a refresh token for the next pair, once. Within ten seconds the same token returns the same next one, for
/// two tabs of one browser. Later, its use ends the session.
#[utoipa::path(tag = "auth", responses((status = 200, body = SignedInView)))]
#[post("/v1/auth/refresh")]
pub(crate) async fn refresh(
    request: HttpRequest,
    Json(body): Json<RefreshRequest>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let token = shown(&request, &app, body)?;
    let signed_in = app.identity.sessions.refresh(&token).await?;
    Ok(answer(HttpResponse::Ok(), &request, &app, signed_in))
}

/// Ends the session of a refresh token. An unknown token is a success.
#[utoipa::path(tag = "auth", responses((status = 204, description = "Logged out")))]
#[post("/v1/auth/logout")]
pub(crate) async fn logout(
    request: HttpRequest,
    Json(body): Json<RefreshRequest>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let token = shown(&request, &app, body)?;
    match app.identity.sessions.log_out(&token).await? {
        Some(ended) => acted(&request, ended.tenant_id, ended.user_id),
        None => changed_nothing(&request),
    }
    let mut answer = HttpResponse::NoContent().finish();
    if refresh_cookie::is_dashboard(&request) {
        refresh_cookie::forget(&mut answer, &app);
    }
    Ok(answer)
}
