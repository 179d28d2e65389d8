//! The rules for faults.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;

use super::answer::{Refusal, body};
use crate::faults::FaultRule;
use crate::platform::Platform;

pub(super) async fn list(State(platform): State<Arc<Platform>>) -> Json<Vec<FaultRule>> {
    Json(platform.faults.rules())
}

pub(super) async fn replace(
    State(platform): State<Arc<Platform>>,
    bytes: Bytes,
) -> Result<Json<Vec<FaultRule>>, Refusal> {
    platform.faults.set(body(&bytes)?);
    Ok(Json(platform.faults.rules()))
}

pub(super) async fn clear(State(platform): State<Arc<Platform>>) -> Json<Vec<FaultRule>> {
    platform.faults.set(Vec::new());
    Json(Vec::new())
}
