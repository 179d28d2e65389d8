//! The webhook that Meta calls when something happened at Instagram.

use super::callbacks::{HeardView, heard};
use crate::{
    app::App,
    http::{
        extract::{FromQuery, Query, QueryReader, Raw},
        problem::{Problem, ProblemView, code},
    },
};
use actix_web::{HttpRequest, HttpResponse, get, http::header::X_CONTENT_TYPE_OPTIONS, post, web::Data};
use utoipa::IntoParams;
use vitrine_accounts::callbacks::{CallbackError, DeliveryBody};

/// Meta sends up to 1,000 events at once.
const MAX_DELIVERY: usize = 1024 * 1024;
const LONGEST_CHALLENGE: usize = 128;
const SIGNATURE: &str = "X-Hub-Signature-256";

/// How Meta asks whether the webhook's address is ours.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct HandshakeParameters {
    /// `subscribe`.
    #[param(rename = "hub.mode", value_type = Option<String>)]
    mode: String,
    /// What to return.
    #[param(rename = "hub.challenge", value_type = Option<String>, max_length = 128)]
    challenge: String,
    /// The verify token from Meta's dashboard.
    #[param(rename = "hub.verify_token", value_type = Option<String>)]
    verify_token: String,
}

impl FromQuery for HandshakeParameters {
    fn from_query(query: &mut QueryReader<'_>) -> Self {
        let text = |name| query.first(name).unwrap_or_default();
        Self {
            mode: text("hub.mode"),
            challenge: text("hub.challenge"),
            verify_token: text("hub.verify_token"),
        }
    }
}

impl HandshakeParameters {
    /// A challenge is a number; what is said back is bounded to what no browser takes for more.
    fn is_plain(&self) -> bool {
        let length = self.challenge.len();
        (1..=LONGEST_CHALLENGE).contains(&length)
            && self.challenge.bytes().all(|byte| byte.is_ascii_alphanumeric())
    }
}

/// Confirms to Meta that the webhook's address is ours.
#[utoipa::path(
    tag = "callbacks",
    params(HandshakeParameters),
    responses(
        (status = 200, description = "The challenge", content_type = "text/plain"),
        (status = 403, body = ProblemView, content_type = "application/problem+json", description = "Another verify token"),
    )
)]
#[get("/v1/instagram/webhook")]
pub(crate) async fn confirm_webhook(
    Query(asked): Query<HandshakeParameters>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    if asked.mode != "subscribe"
        || !asked.is_plain()
        || !app.callbacks.knows_verify_token(&asked.verify_token)
    {
        return Err(Problem::new(&code::INVALID_VERIFY_TOKEN));
    }
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(asked.challenge))
}

/// Receives what happened at Instagram.
#[utoipa::path(
    tag = "callbacks",
    request_body(content = DeliveryBody, content_type = "application/json"),
    params(("X-Hub-Signature-256" = Option<String>, Header, description = "`sha256=` and the HMAC-SHA256 of the body in hex")),
    responses(
        (status = 200, body = HeardView),
        (status = 400, body = ProblemView, content_type = "application/problem+json", description = "Signed, but not a JSON object"),
        (status = 403, body = ProblemView, content_type = "application/problem+json", description = "Not signed by Meta"),
    )
)]
#[post("/v1/instagram/webhook")]
pub(crate) async fn hear_webhook(
    request: HttpRequest,
    Raw(body): Raw<MAX_DELIVERY>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let signature = request
        .headers()
        .get(SIGNATURE)
        .and_then(|value| value.to_str().ok());
    match app.callbacks.receive_webhook(&body, signature).await {
        Ok(()) => Ok(heard()),
        Err(CallbackError::NotGenuine(_)) => Err(Problem::new(&code::INVALID_SIGNATURE)),
        Err(error) => Err(error.into()),
    }
}
