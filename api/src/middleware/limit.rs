//! How long an address may be.

use crate::problem::{Problem, code};
use actix_web::{
    Error,
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
};

/// Most bytes of path and query.
const MAX_ADDRESS_BYTES: usize = 8 * 1024;

/// Answers 414 to addresses longer than 8 KiB.
pub(crate) async fn limit_address(
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let length = request
        .uri()
        .path_and_query()
        .map_or(0, |address| address.as_str().len());
    if length > MAX_ADDRESS_BYTES {
        return Ok(request.error_response(Problem::new(&code::URI_TOO_LONG)));
    }
    next.call(request).await
}
