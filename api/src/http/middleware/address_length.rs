//! How long an address may be.

use crate::http::problem::{Problem, code};
use actix_web::{
    Error,
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    http::Uri,
    middleware::Next,
};

/// Most bytes of path and query.
const MAX_ADDRESS_BYTES: usize = 8 * 1024;

/// Answers 414 to addresses longer than 8 KiB.
pub(crate) async fn limit_address(
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if is_too_long(request.uri()) {
        return Ok(request.error_response(Problem::new(&code::URI_TOO_LONG)));
    }
    next.call(request).await
}

/// Whether an address is longer than 8 KiB.
pub(crate) fn is_too_long(address: &Uri) -> bool {
    let address = address.path_and_query();
    address.is_some_and(|address| address.as_str().len() > MAX_ADDRESS_BYTES)
}
