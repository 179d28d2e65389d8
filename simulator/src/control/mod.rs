//! Control over HTTP, below `/_simulator`. Every answer comes after the change is in the state file.

mod accounts;
mod answer;
mod callbacks;
mod calls;
mod clock;
mod faults;
mod media;
mod modes;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, patch, post};

use crate::platform::Platform;

/// The control calls.
pub(crate) fn routes() -> Router<Arc<Platform>> {
    Router::new()
        .route("/clock", get(clock::show).post(clock::change))
        .route("/accounts", get(accounts::list).post(accounts::add))
        .route("/accounts/{username}", get(accounts::show).patch(accounts::edit))
        .route("/accounts/{username}/media", get(media::list).post(media::post))
        .route(
            "/accounts/{username}/media/{id}",
            patch(media::edit).delete(media::delete),
        )
        .route("/accounts/{username}/revoke", post(accounts::revoke))
        .route("/accounts/{username}/token", post(accounts::mint))
        .route(
            "/faults",
            get(faults::list).put(faults::replace).delete(faults::clear),
        )
        .route("/modes", get(modes::show).patch(modes::change))
        .route("/redirect-uris", get(modes::redirect_uris).put(modes::register))
        .route("/calls", get(calls::report).delete(calls::clear))
        .route("/callbacks/deauthorize", post(callbacks::signed))
        .route("/callbacks/data-deletion", post(callbacks::signed))
        .route("/callbacks/webhook", post(callbacks::webhook))
        .fallback(unknown)
        .layer(from_fn(refuse_other_sites))
}

async fn unknown(State(_): State<Arc<Platform>>) -> Response {
    (StatusCode::NOT_FOUND, "no such control call").into_response()
}

/// A page of another site, open in a browser on this machine, must not steer the simulator.
async fn refuse_other_sites(request: Request, next: Next) -> Response {
    if request
        .headers()
        .get("sec-fetch-site")
        .is_some_and(|site| site == "cross-site")
    {
        return (StatusCode::FORBIDDEN, "not from another site").into_response();
    }
    next.run(request).await
}
