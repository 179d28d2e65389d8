//! The signed-in person's second factor.

use crate::{
    app::App,
    http::{
        auth::{Allowed, ReadTenant},
        client_info::client_info,
        extract::Json,
        problem::{Problem, ProblemView},
    },
};
use actix_web::{HttpRequest, HttpResponse, get, post, web::Data};
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The state of a second factor.
#[derive(Serialize, ToSchema)]
pub(crate) struct SecondFactorView {
    /// Whether logging in needs a code.
    enabled: bool,
    /// Since when.
    #[schema(required)]
    enabled_at: Option<DateTime<Utc>>,
    /// Recovery codes that are left.
    recovery_codes_left: u64,
}

/// What an authenticator app needs.
#[derive(Serialize, ToSchema)]
pub(crate) struct EnrolmentView {
    /// The secret in base32, for typing. It is only shown this once.
    secret: String,
    /// The same as an address, to show as a QR code.
    #[schema(format = "uri")]
    otpauth_url: String,
}

/// Codes for a person who lost their authenticator app.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecoveryCodesView {
    /// Each works once, as `code` of a login. They are only shown this once.
    recovery_codes: Vec<String>,
}

impl From<Vec<SecretString>> for RecoveryCodesView {
    fn from(codes: Vec<SecretString>) -> Self {
        Self {
            recovery_codes: codes.iter().map(|code| code.expose_secret().to_owned()).collect(),
        }
    }
}

/// Proof that the person is at the keyboard.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"current_password": "a tall ship and a star"}))]
pub(crate) struct BeginSecondFactorRequest {
    /// Password.
    #[schema(value_type = String, format = "password", max_length = 256)]
    current_password: SecretString,
}

/// Proof that the authenticator app has the secret.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"code": "123456"}))]
pub(crate) struct EnableSecondFactorRequest {
    /// The code that it shows.
    #[schema(value_type = String, max_length = 64)]
    code: SecretString,
}

/// Proof of both factors.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"current_password": "a tall ship and a star", "code": "123456"}))]
pub(crate) struct BothFactorsRequest {
    /// Password.
    #[schema(value_type = String, format = "password", max_length = 256)]
    current_password: SecretString,
    /// A code of the authenticator app, or a recovery code.
    #[schema(value_type = String, max_length = 64)]
    code: SecretString,
}

/// Shows the state of the logged-in person's second factor.
#[utoipa::path(tag = "me", security(("bearer" = [])), responses((status = 200, body = SecondFactorView)))]
#[get("/v1/me/second-factor")]
pub(crate) async fn read_second_factor(
    caller: Allowed<ReadTenant>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let stands = app
        .identity
        .second_factor
        .state(caller.caller.person()?.user)
        .await?;
    Ok(HttpResponse::Ok().json(SecondFactorView {
        enabled: stands.enabled_at.is_some(),
        enabled_at: stands.enabled_at,
        recovery_codes_left: stands.recovery_codes,
    }))
}

/// Creates a secret for an authenticator app (TOTP: SHA-1, six digits, thirty seconds). It counts once it is enabled.
#[utoipa::path(tag = "me", security(("bearer" = [])), responses(
    (status = 201, body = EnrolmentView),
    (status = 409, description = "`second_factor_on`", body = ProblemView, content_type = "application/problem+json"),
))]
#[post("/v1/me/second-factor")]
pub(crate) async fn begin_second_factor(
    caller: Allowed<ReadTenant>,
    request: HttpRequest,
    Json(body): Json<BeginSecondFactorRequest>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let (person, client_info) = (caller.caller.person()?, client_info(&request, &app));
    let made = app
        .identity
        .second_factor
        .begin(person, &body.current_password, &client_info)
        .await?;
    Ok(HttpResponse::Created().json(EnrolmentView {
        secret: made.secret.expose_secret().to_owned(),
        otpauth_url: made.address.expose_secret().to_owned(),
    }))
}

/// Enables the second factor by a code of the authenticator app; other sessions end.
#[utoipa::path(tag = "me", security(("bearer" = [])), responses(
    (status = 200, body = RecoveryCodesView),
    (status = 409, description = "`second_factor_on` or `second_factor_off`", body = ProblemView, content_type = "application/problem+json"),
))]
#[post("/v1/me/second-factor/enable")]
pub(crate) async fn enable_second_factor(
    caller: Allowed<ReadTenant>,
    request: HttpRequest,
    Json(body): Json<EnableSecondFactorRequest>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let (person, client_info) = (caller.caller.person()?, client_info(&request, &app));
    let codes = app
        .identity
        .second_factor
        .enable(person, &body.code, &client_info)
        .await?;
    Ok(HttpResponse::Ok().json(RecoveryCodesView::from(codes)))
}

/// Disables the second factor and deletes it.
#[utoipa::path(tag = "me", security(("bearer" = [])), responses(
    (status = 204, description = "Logging in no longer needs a code"),
    (status = 409, description = "`second_factor_off`", body = ProblemView, content_type = "application/problem+json"),
))]
#[post("/v1/me/second-factor/disable")]
pub(crate) async fn disable_second_factor(
    caller: Allowed<ReadTenant>,
    request: HttpRequest,
    Json(body): Json<BothFactorsRequest>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let (person, client_info) = (caller.caller.person()?, client_info(&request, &app));
    app.identity
        .second_factor
        .disable(person, &body.current_password, &body.code, &client_info)
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Replaces the recovery codes by new ones.
#[utoipa::path(tag = "me", security(("bearer" = [])), responses(
    (status = 200, body = RecoveryCodesView),
    (status = 409, description = "`second_factor_off`", body = ProblemView, content_type = "application/problem+json"),
))]
#[post("/v1/me/second-factor/recovery-codes")]
pub(crate) async fn renew_recovery_codes(
    caller: Allowed<ReadTenant>,
    request: HttpRequest,
    Json(body): Json<BothFactorsRequest>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let (person, client_info) = (caller.caller.person()?, client_info(&request, &app));
    let codes = app
        .identity
        .second_factor
        .renew_recovery_codes(person, &body.current_password, &body.code, &client_info)
        .await?;
    Ok(HttpResponse::Ok().json(RecoveryCodesView::from(codes)))
}
