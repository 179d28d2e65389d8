//! The style sheet of the plain pages.

use actix_web::{HttpResponse, get, http::header::CACHE_CONTROL};

const STYLE: &str = include_str!("page.css");

/// The style sheet of the plain pages.
#[utoipa::path(tag = "pages", responses((status = 200, description = "A style sheet", content_type = "text/css")))]
#[get("/page.css")]
pub(crate) async fn read_style() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header((CACHE_CONTROL, "public, max-age=3600"))
        .body(STYLE)
}
