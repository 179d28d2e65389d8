//! What Meta calls: that somebody removed the app or wants their data deleted, and webhooks.

use crate::{
    app::App,
    http::{
        extract::{Form, FromQuery, Id, Query, QueryReader, Raw},
        page::{Root, escape, page},
        problem::{Problem, ProblemView, code},
    },
};
use actix_web::{
    HttpRequest, HttpResponse, get,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, HeaderValue, X_CONTENT_TYPE_OPTIONS},
    },
    post,
    web::Data,
};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use vitrine_accounts::callbacks::{DeletionStatus, DeliveryBody};
use vitrine_entity::{Time, data_deletion::DeletionReason};

/// Signed requests are a few hundred bytes.
const MAX_FORM: usize = 16 * 1024;
/// Meta sends up to 1,000 events at once.
const MAX_DELIVERY: usize = 1024 * 1024;
const LONGEST_CHALLENGE: usize = 128;
const SIGNATURE: &str = "X-Hub-Signature-256";

/// A form that Meta signed with the app's secret.
#[derive(ToSchema)]
#[schema(example = json!({"signed_request": "c2lnbmF0dXJl.cGF5bG9hZA"}))]
pub(crate) struct SignedForm {
    /// Signature and payload, each base64url, with a dot between them.
    #[schema(max_length = 4096)]
    signed_request: String,
}

/// A callback was accepted.
#[derive(Serialize, ToSchema)]
pub(crate) struct HeardView {
    /// Always true.
    success: bool,
}

/// A deletion was ordered.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeletionOrderedView {
    /// The page that shows its progress.
    #[schema(format = "uri")]
    url: String,
    /// What the page's address ends with.
    confirmation_code: String,
}

impl SignedForm {
    fn read(form: &Form<MAX_FORM>) -> Result<Self, Problem> {
        let signed_request = form.field("signed_request");
        let signed_request = signed_request.ok_or_else(|| Problem::new(&code::INVALID_SIGNED_REQUEST))?;
        Ok(Self { signed_request })
    }
}

fn heard() -> HttpResponse {
    HttpResponse::Ok().json(HeardView { success: true })
}

/// Handles the removal of the app by a person: the tokens of their accounts are destroyed.
#[utoipa::path(
    tag = "callbacks",
    request_body(content = SignedForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, body = HeardView),
        (status = 400, body = ProblemView, content_type = "application/problem+json", description = "Not signed by Meta, or too old"),
    )
)]
#[post("/v1/instagram/deauthorize")]
pub(crate) async fn deauthorize(form: Form<MAX_FORM>, app: Data<App>) -> Result<HttpResponse, Problem> {
    let SignedForm { signed_request } = SignedForm::read(&form)?;
    app.callbacks.deauthorize(&signed_request).await?;
    Ok(heard())
}

/// Accepts the order to delete everything that is stored about a person.
#[utoipa::path(
    tag = "callbacks",
    request_body(content = SignedForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, body = DeletionOrderedView),
        (status = 400, body = ProblemView, content_type = "application/problem+json", description = "Not signed by Meta, or too old"),
    )
)]
#[post("/v1/instagram/data-deletion")]
pub(crate) async fn request_data_deletion(
    form: Form<MAX_FORM>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let SignedForm { signed_request } = SignedForm::read(&form)?;
    let confirmation_code = app.callbacks.request_deletion(&signed_request).await?;
    let root = app.settings.public_url.as_str().trim_end_matches('/');
    Ok(HttpResponse::Ok().json(DeletionOrderedView {
        url: format!("{root}/data-deletion/{confirmation_code}"),
        confirmation_code,
    }))
}

/// Shows people the progress of the deletion of their data.
#[utoipa::path(
    tag = "pages",
    params(("code" = String, Path, description = "The confirmation code", max_length = 64, example = "0")),
    responses((status = 200, description = "A page", content_type = "text/html"))
)]
#[get("/data-deletion/{code}")]
pub(crate) async fn show_data_deletion(
    Id(code): Id<String>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let status = app.callbacks.deletion(&code).await?;
    let (title, text) = told(&status);
    let body = format!("{text}\n<p>Confirmation code: <code>{}</code></p>", escape(&code));
    let mut answer = page(Root::Above, StatusCode::OK, title, &body);
    let headers = answer.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(answer)
}

/// What the page says; numbers and times only, nothing of what was deleted.
fn told(status: &DeletionStatus) -> (&'static str, String) {
    let received = match status.reason {
        DeletionReason::Requested => format!("<p>The request came on {}.</p>", moment(status.received_at)),
        DeletionReason::Deauthorized => format!(
            "<p>The app was removed on {}. Unless the account is connected again, everything that is stored about it \
             will be deleted after {}.</p>",
            moment(status.received_at),
            moment(status.not_before)
        ),
    };
    let gone = format!(
        "<p>Deleted so far: {} accounts, {} posts.</p>",
        status.accounts_deleted, status.media_deleted
    );
    match (status.started_at, status.finished_at) {
        (_, Some(finished)) => {
            let end = match (status.accounts_deleted, status.accounts_kept) {
                (0, 0) => "<p>Nothing was stored here, or it had already been deleted.</p>".to_owned(),
                (0, _) => "<p>Nothing was deleted.</p>".to_owned(),
                (accounts, _) => format!(
                    "<p>Deleted: {accounts} accounts with {} posts, their tokens and histories.</p>",
                    status.media_deleted
                ),
            };
            let (title, kept) = match status.accounts_kept {
                0 => ("Your data has been deleted", String::new()),
                accounts => (
                    "Your request is complete, but some of your data stays",
                    format!(
                        "\n<p>Kept: {accounts} accounts, which were connected again after the request was made. To \
                         have them deleted too, remove the app again, or ask again.</p>"
                    ),
                ),
            };
            (
                title,
                format!(
                    "{received}\n<p>It was completed on {}.</p>\n{end}{kept}",
                    moment(finished)
                ),
            )
        }
        (Some(started), None) => (
            "Your data is being deleted",
            format!(
                "{received}\n<p>The deletion began on {} and is still running.</p>\n{gone}",
                moment(started)
            ),
        ),
        (None, None) => (
            "Your request was received",
            format!("{received}\n<p>The deletion has not begun yet.</p>"),
        ),
    }
}

fn moment(time: Time) -> String {
    time.format("%-d %B %Y at %H:%M UTC").to_string()
}

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
        Err(vitrine_accounts::callbacks::CallbackError::NotGenuine(_)) => {
            Err(Problem::new(&code::INVALID_SIGNATURE))
        }
        Err(error) => Err(error.into()),
    }
}
