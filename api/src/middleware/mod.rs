//! What happens around every request.

mod headers;
mod limit;
mod observe;
mod request_id;

pub(crate) use headers::complete as complete_headers;
pub(crate) use limit::limit_address;
pub(crate) use observe::observe;
pub(crate) use request_id::RequestId;
