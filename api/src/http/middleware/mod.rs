//! What happens around every request.

mod address_length;
mod audit;
mod backpressure;
mod finish;
mod head_only;
mod headers;
mod idempotency;
mod observe;
mod parameters;
mod request_id;
mod tenant_cors;
mod unlisted_proxy;

pub(crate) use address_length::{is_too_long, limit_address};
pub(crate) use audit::{acted, changed, changed_nothing, done_to, record_changes};
pub(crate) use finish::run_detached;
pub(crate) use head_only::wants_head_only;
pub(crate) use headers::complete as complete_headers;
pub(crate) use idempotency::{IDEMPOTENCY_KEY, LONGEST_KEY, replay_responses};
#[cfg(test)]
pub(crate) use observe::plain;
pub(crate) use observe::{Observer, observe};
pub(crate) use parameters::refuse_unknown_parameters;
pub(crate) use request_id::RequestId;
pub(crate) use tenant_cors::allow_tenant_origins;
pub(crate) use unlisted_proxy::UnlistedProxies;
