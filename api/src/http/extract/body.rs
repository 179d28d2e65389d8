//! Bodies, whole.

use crate::http::problem::{Problem, code};
use actix_web::web;
use bytes::Bytes;
use std::time::Duration;

/// Most bytes that a JSON body may hold.
pub(super) const MAX_BODY_BYTES: usize = 64 * 1024;

/// How long the whole body may take to arrive.
pub(super) const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// The whole body, as far as a body may be long and may take.
///
/// # Errors
/// 408, 413, or 400 for one that ended early.
pub(crate) async fn read_body(payload: web::Payload) -> Result<Bytes, Problem> {
    tokio::time::timeout(BODY_TIMEOUT, payload.to_bytes_limited(MAX_BODY_BYTES))
        .await
        .map_err(|_| Problem::new(&code::REQUEST_TIMEOUT))?
        .map_err(|_| Problem::new(&code::PAYLOAD_TOO_LARGE))?
        .map_err(|_| Problem::new(&code::INCOMPLETE_BODY))
}
