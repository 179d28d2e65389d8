//! Reading and changing modes, dialect and registered addresses.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use url::Url;

use super::answer::{Refusal, body, kept};
use crate::platform::ModesView;
use crate::platform::Platform;

pub(super) async fn show(State(platform): State<Arc<Platform>>) -> Json<ModesView> {
    Json(platform.switches.view())
}

/// What is named changes at once, and lasts until the simulator ends.
pub(super) async fn change(
    State(platform): State<Arc<Platform>>,
    bytes: Bytes,
) -> Result<Json<ModesView>, Refusal> {
    let changed = platform.switches.change(body(&bytes)?);
    changed.map(Json).map_err(Refusal::bad_request)
}

pub(super) async fn redirect_uris(State(platform): State<Arc<Platform>>) -> Json<Vec<String>> {
    Json(platform.switches.redirect_uris())
}

/// As in the app's dashboard: from now on no other address is taken. An empty list takes every one.
pub(super) async fn register(
    State(platform): State<Arc<Platform>>,
    bytes: Bytes,
) -> Result<Response, Refusal> {
    let addresses: Vec<String> = body(&bytes)?;
    if let Some(wrong) = addresses.iter().find(|address| !is_web_address(address)) {
        return Err(Refusal::bad_request(format!(
            "{wrong} is no absolute http or https URL"
        )));
    }
    platform.switches.register(addresses.clone());
    platform.changes.mark();
    kept(&platform, StatusCode::OK, addresses).await
}

fn is_web_address(address: &str) -> bool {
    Url::parse(address).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}
