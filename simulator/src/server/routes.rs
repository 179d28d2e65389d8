//! Which path leads where.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri};
use axum::middleware::from_fn;
use axum::routing::{any, get, post};

use super::index_page;
use super::listener::cut_marked;
use crate::control;
use crate::hosts::{cdn, graph, oauth};
use crate::platform::Platform;

/// Everything the simulator answers. Whatever is no other route is a Graph path.
pub(crate) fn routes(platform: Arc<Platform>) -> Router {
    Router::new()
        .route("/oauth/authorize", get(oauth::authorize))
        // Links of both spellings are in use, and the platform shows the same page.
        .route("/oauth/authorize/", get(oauth::authorize))
        .route("/oauth/authorize/decision", post(oauth::decide))
        .route("/oauth/access_token", any(oauth::exchange))
        .route("/cdn/{*path}", get(serve_file))
        .route("/", get(index_page::show))
        .nest("/_simulator", control::routes())
        .fallback(serve_graph)
        .layer(from_fn(cut_marked))
        .with_state(platform)
}

async fn serve_file(State(platform): State<Arc<Platform>>, uri: Uri) -> axum::response::Response {
    cdn::serve(platform, uri).await
}

async fn serve_graph(
    State(platform): State<Arc<Platform>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> axum::response::Response {
    graph::serve(platform, method, uri, headers).await
}
