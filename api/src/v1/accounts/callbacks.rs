//! What Meta calls when somebody removed the app or wants their data deleted.

use crate::{
    app::App,
    http::{
        extract::{Form, Id},
        page::{Root, escape, page},
        problem::{Problem, ProblemView, code},
    },
};
use actix_web::{
    HttpResponse, get,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, HeaderValue},
    },
    post,
    web::Data,
};
use serde::Serialize;
use utoipa::ToSchema;
use vitrine_accounts::callbacks::DeletionStatus;
use vitrine_entity::{Time, data_deletion::DeletionReason};

/// Signed requests are a few hundred bytes.
const MAX_FORM: usize = 16 * 1024;

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

pub(super) fn heard() -> HttpResponse {
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
