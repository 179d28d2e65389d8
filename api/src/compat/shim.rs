//! The script that leads others' scripts here.

use actix_web::{
    HttpResponse,
    http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL},
};

const SCRIPT: &str = include_str!("instafeed-shim.js");

/// Sends instafeed.js, unchanged, to this server in Instagram's place.
#[utoipa::path(
    get,
    path = "/compat/instafeed-shim.js",
    tag = "compat",
    responses((status = 200, description = "A script", content_type = "text/javascript"))
)]
pub(crate) async fn read_shim() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/javascript; charset=utf-8")
        .insert_header((CACHE_CONTROL, "public, max-age=86400"))
        .insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .body(SCRIPT)
}
