//! What happens around every request.

mod headers;
mod limit;
mod observe;
mod request_id;

pub(crate) use limit::limit_address;
pub(crate) use observe::observe;
