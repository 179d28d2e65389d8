//! Connections: whose they are, how long they wait, what runs on them, and how they end. It knows no route and no
//! service; what answers is given to it.

mod connection;
mod connection_limits;
mod connection_server;
mod in_flight;
mod request_guard;
mod slices;
mod stop;
mod stream;
mod thread_connections;
mod thread_registry;
mod timeouts;
mod trusted_proxies;
mod unsent;

pub(crate) use connection::Connection;
pub use connection_limits::ConnectionLimits;
pub(crate) use connection_server::ConnectionServer;
pub use connection_server::Serving;
pub use in_flight::InFlight;
pub(crate) use in_flight::InFlightGuard;
pub(crate) use request_guard::RequestGuard;
pub use stop::Stop;
pub(crate) use timeouts::{HEAD_TIMEOUT, Timeouts};
pub use trusted_proxies::TrustedProxies;
pub use unsent::Unsent;
pub(crate) use unsent::is_long;
