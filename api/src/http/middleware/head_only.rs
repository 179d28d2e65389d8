//! Requests that ask for the head of an answer alone.

use actix_web::{HttpMessage, HttpRequest, dev::ServiceRequest, http::Method};

/// Stands in a request that was `HEAD`.
struct AskedForHead;

/// Has `HEAD` go on as `GET`: the server sends no body either way, and every page and resource that can be read can also
/// be asked about.
pub(super) fn head_as_get(request: &mut ServiceRequest) {
    if request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
        request.extensions_mut().insert(AskedForHead);
    }
}

/// Whether no body is asked for: what is dear to make is left out then.
pub(crate) fn wants_head_only(request: &HttpRequest) -> bool {
    request.extensions().get::<AskedForHead>().is_some()
}
