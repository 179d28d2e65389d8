//! The listening servers.

mod connection;
mod connection_limits;
mod connection_server;
mod in_flight;
mod metrics;
mod request_guard;
mod slices;
mod stop;
mod stream;
mod thread_registry;
mod trusted_proxies;
mod unsent;

use crate::{app::App, public::FastPath, routes::configure};
use actix_service::{ServiceFactoryExt, apply, map_config};
use actix_web::{App as Application, Error, dev::AppConfig, web::Data};
pub(crate) use connection::Connection;
use connection::Timeouts;
pub use connection_limits::ConnectionLimits;
use connection_server::ConnectionServer;
pub use connection_server::Serving;
pub use in_flight::InFlight;
pub(crate) use in_flight::InFlightGuard;
pub use metrics::serve_metrics;
pub(crate) use request_guard::RequestGuard;
use std::{io, net::TcpListener};
pub use stop::Stop;
pub use trusted_proxies::TrustedProxies;
pub use unsent::Unsent;
pub(crate) use unsent::is_long;

/// Serves the API on `listener` until `shutdown` completes. Then `/readyz` answers 503 and connections are closed behind
/// their next answer; after the time to drain no new connection is taken, what was asked for is answered, and the
/// server ends. Handles no signals.
///
/// # Errors
/// When the listener cannot be used.
pub async fn serve(
    app: Data<App>,
    listener: TcpListener,
    serving: Serving,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    serve_with_timeouts(app, listener, serving, Timeouts::USUAL, shutdown).await
}

async fn serve_with_timeouts(
    app: Data<App>,
    listener: TcpListener,
    serving: Serving,
    timeouts: Timeouts,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let server = ConnectionServer {
        listener,
        serving,
        timeouts,
        proxies: app.settings.trusted_proxies.clone(),
        in_flight: app.in_flight.clone(),
        stop: app.stop.clone(),
    };
    let (routes, fast_path) = (configure(app.clone()), FastPath::new(app));
    let application = move || {
        let application = Application::new().configure(routes.clone());
        let application =
            apply(fast_path.clone(), application).map_err(|error: Error| error.error_response());
        map_config(application, |()| AppConfig::default())
    };
    server.run(application, shutdown).await
}

#[cfg(test)]
mod tests;
