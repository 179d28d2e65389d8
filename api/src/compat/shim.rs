//! The script that leads others' scripts here.

use crate::http::{problem::Problem, representation::asset::Asset};
use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue},
};
use std::sync::LazyLock;

static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    let script = include_str!("instafeed-shim.js");
    Asset::new("text/javascript; charset=utf-8", "public, max-age=86400", script)
});

/// Sends an unchanged instafeed.js to this server instead of Instagram.
#[utoipa::path(
    get,
    path = "/compat/instafeed-shim.js",
    tag = "compat",
    responses(
        (status = 200, description = "A script", content_type = "text/javascript"),
        (status = 304, description = "The client already has this response"),
    )
)]
pub(crate) async fn read_shim(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut answer = SCRIPT.answer(&request)?;
    let headers = answer.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    Ok(answer)
}
