//! The ground of HTTP, for whatever is shown on it: who asks and what they may, what goes wrong, how requests are read,
//! and the layers around them. It reaches no route.

pub(crate) mod allow_origin;
pub(crate) mod auth;
pub(crate) mod client_info;
pub(crate) mod extract;
pub(crate) mod listing;
pub(crate) mod middleware;
pub(crate) mod operations;
pub(crate) mod page;
pub(crate) mod problem;
pub(crate) mod rate_limit_headers;
pub(crate) mod representation;
