//! Bodies in and out of control calls.

use axum::Json;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::error::SimulatorError;
use crate::platform::Platform;

/// Why a control call was refused.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    message: String,
}

impl Refusal {
    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            message: message.into(),
        }
    }
}

impl From<SimulatorError> for Refusal {
    fn from(error: SimulatorError) -> Self {
        let status = match &error {
            SimulatorError::UnknownAccount(_) | SimulatorError::UnknownMedia { .. } => StatusCode::NOT_FOUND,
            SimulatorError::UsernameTaken(_) => StatusCode::CONFLICT,
            SimulatorError::InvalidUsername(_)
            | SimulatorError::PublicUrl(_)
            | SimulatorError::NotLoopback(_) => StatusCode::BAD_REQUEST,
            SimulatorError::Callback(_) => StatusCode::BAD_GATEWAY,
            SimulatorError::Listen { .. }
            | SimulatorError::ReadState { .. }
            | SimulatorError::DamagedState { .. }
            | SimulatorError::WriteState { .. }
            | SimulatorError::Task(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self {
            status,
            message: error.to_string(),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, Json(json!({"error": self.message}))).into_response()
    }
}

/// A JSON body under any content type, so that the shortest `curl` works; an empty one counts as `{}`.
pub(super) fn body<T: DeserializeOwned>(bytes: &Bytes) -> Result<T, Refusal> {
    let text: &[u8] = if bytes.is_empty() { b"{}" } else { bytes };
    serde_json::from_slice(text).map_err(|error| Refusal::bad_request(error.to_string()))
}

/// Answers once everything changed so far is kept.
pub(super) async fn kept<T: serde::Serialize>(
    platform: &Platform,
    status: StatusCode,
    value: T,
) -> Result<Response, Refusal> {
    platform.changes.written().await;
    Ok((status, Json(value)).into_response())
}
