//! Forgotten passwords and unconfirmed addresses.

use crate::{
    app::App,
    http::{client_info::client_info, extract::Json, middleware::acted, problem::Problem},
};
use actix_web::{HttpRequest, HttpResponse, post, web::Data};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;
use vitrine_entity::UserId;

/// Whose password was forgotten.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "maria@example.com"}))]
pub(crate) struct ForgotPasswordRequest {
    /// Email address.
    email: String,
}

/// A new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"token": "what stands behind # in the link", "password": "nine grey herons at low tide"}))]
pub(crate) struct ResetPasswordRequest {
    /// From the link in the email.
    #[schema(value_type = String, max_length = 128)]
    token: SecretString,
    /// 8 to 256 characters, and not easy to guess.
    #[schema(value_type = String, format = "password", min_length = 8, max_length = 256)]
    password: SecretString,
}

/// Proof that an email was read.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"token": "what stands behind # in the link"}))]
pub(crate) struct VerifyEmailRequest {
    /// From the link in the email.
    #[schema(value_type = String, max_length = 128)]
    token: SecretString,
}

/// Sends a link for a new password, if anybody has this address. The response and its timing do not reveal that.
///
/// At most three emails an hour go to one address.
#[utoipa::path(tag = "auth", responses((status = 202, description = "If anybody has this address, an email is on its way")))]
#[post("/v1/auth/password/forgot")]
pub(crate) async fn forgot_password(
    Json(body): Json<ForgotPasswordRequest>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    app.in_flight
        .spawn(app.identity.password_recovery.forgot(&body.email)?);
    Ok(HttpResponse::Accepted().finish())
}

/// Sets a new password by the link in an email, which works once, within an hour. All sessions of the person end.
///
/// If the address was never confirmed before, somebody else may have registered it. So the second
/// factor ends too, and so do the API keys of tenants that the person is the only member of.
#[utoipa::path(tag = "auth", responses(
    (status = 204, description = "The password is set; log in with it"),
    (status = 400, description = "`invalid_link`, `used_link` or `expired_link`", body = crate::http::problem::ProblemView, content_type = "application/problem+json"),
))]
#[post("/v1/auth/password/reset")]
pub(crate) async fn reset_password(
    request: HttpRequest,
    Json(body): Json<ResetPasswordRequest>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let client_info = client_info(&request, &app);
    let reset = app
        .identity
        .password_recovery
        .reset(&body.token, &body.password, &client_info)
        .await?;
    app.api_keys.apply_revocations(&reset.ended_keys).await;
    acted_in_home_tenant(&request, &app, reset.user).await;
    Ok(HttpResponse::NoContent().finish())
}

/// Confirms an address by the link in an email, which works once, within a day. A new address counts from then on.
#[utoipa::path(tag = "auth", responses(
    (status = 204, description = "The address is confirmed"),
    (status = 400, description = "`invalid_link`, `used_link` or `expired_link`", body = crate::http::problem::ProblemView, content_type = "application/problem+json"),
    (status = 409, description = "Somebody else has taken the address in the meantime", body = crate::http::problem::ProblemView, content_type = "application/problem+json"),
))]
#[post("/v1/auth/email/verify")]
pub(crate) async fn verify_email(
    request: HttpRequest,
    Json(body): Json<VerifyEmailRequest>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let user = app.identity.email.verify(&body.token).await?;
    acted_in_home_tenant(&request, &app, user).await;
    Ok(HttpResponse::NoContent().finish())
}

/// Says who acted, to the first tenant that the person belongs to: a link in an email is for none. What the link does
/// is done by then, so trouble is logged.
async fn acted_in_home_tenant(request: &HttpRequest, app: &App, user: UserId) {
    match app.identity.tenancies.home(user).await {
        Ok(Some(tenant)) => acted(request, tenant, user),
        Ok(None) => {}
        Err(error) => {
            tracing::error!(error = %error, user.id = %user, "a change by a link in an email is not in the audit log")
        }
    }
}
