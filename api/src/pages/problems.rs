//! The pages that explain problems.

use crate::http::{
    extract::Id,
    page::{Root, escape, page},
    problem::{Code, Problem},
};
use actix_web::{
    HttpResponse, get,
    http::StatusCode,
    http::header::{CACHE_CONTROL, HeaderValue},
};

/// Explains one kind of problem to people.
#[utoipa::path(
    tag = "pages",
    params(("code" = String, Path, description = "The problem's machine word", example = "not_found")),
    responses((status = 200, description = "A page", content_type = "text/html"))
)]
#[get("/problems/{code}")]
pub(crate) async fn explain_problem(Id(word): Id<String>) -> Result<HttpResponse, Problem> {
    let code = Code::find(&word).ok_or_else(Problem::not_found)?;
    let body = format!(
        "<p>{}</p>\n<h2>What to do</h2>\n<p>{}</p>\n<p>Status {}, code <code>{}</code>.</p>",
        escape(code.meaning),
        escape(code.remedy),
        code.status.as_u16(),
        code.word,
    );
    let mut answer = page(Root::Above, StatusCode::OK, code.title, &body);
    answer
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    Ok(answer)
}
