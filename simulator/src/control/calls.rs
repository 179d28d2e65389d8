//! The call log.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};

use crate::calls::{CallFilter, CallReport};
use crate::platform::Platform;

pub(super) async fn report(
    State(platform): State<Arc<Platform>>,
    Query(filter): Query<CallFilter>,
) -> Json<CallReport> {
    Json(platform.calls.report(&platform.accounts, &filter))
}

pub(super) async fn clear(State(platform): State<Arc<Platform>>) -> Json<CallReport> {
    platform.calls.clear(&platform.accounts);
    Json(CallReport::default())
}
