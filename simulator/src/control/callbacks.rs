//! Ordering callbacks.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;

use super::answer::{Refusal, body};
use crate::callbacks::{CallbackAnswer, SignedCallback, WebhookCallback};
use crate::platform::Platform;

/// Deauthorize and data deletion differ only in the address they go to.
pub(super) async fn signed(
    State(platform): State<Arc<Platform>>,
    bytes: Bytes,
) -> Result<Json<Vec<CallbackAnswer>>, Refusal> {
    Ok(Json(
        platform.send_signed(&body::<SignedCallback>(&bytes)?).await?,
    ))
}

pub(super) async fn webhook(
    State(platform): State<Arc<Platform>>,
    bytes: Bytes,
) -> Result<Json<Vec<CallbackAnswer>>, Refusal> {
    Ok(Json(
        platform.send_webhook(&body::<WebhookCallback>(&bytes)?).await?,
    ))
}
