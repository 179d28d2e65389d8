//! Posting, editing and deleting.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use super::answer::{Refusal, body, kept};
use crate::media::{MediaEdit, MediaView, NewPost};
use crate::platform::Platform;

pub(super) async fn list(
    State(platform): State<Arc<Platform>>,
    Path(username): Path<String>,
) -> Result<Json<Vec<MediaView>>, Refusal> {
    Ok(Json(platform.media_views(&username)?))
}

pub(super) async fn post(
    State(platform): State<Arc<Platform>>,
    Path(username): Path<String>,
    bytes: Bytes,
) -> Result<Response, Refusal> {
    let view = platform.post_media(&username, body::<NewPost>(&bytes)?)?;
    kept(&platform, StatusCode::CREATED, view).await
}

pub(super) async fn edit(
    State(platform): State<Arc<Platform>>,
    Path((username, id)): Path<(String, String)>,
    bytes: Bytes,
) -> Result<Response, Refusal> {
    let view = platform.edit_media(&username, &id, &body::<MediaEdit>(&bytes)?)?;
    kept(&platform, StatusCode::OK, view).await
}

pub(super) async fn delete(
    State(platform): State<Arc<Platform>>,
    Path((username, id)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    platform.delete_media(&username, &id)?;
    kept(&platform, StatusCode::OK, json!({"deleted": id})).await
}
