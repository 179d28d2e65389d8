//! The listening servers.

mod metrics;

use crate::{
    app::App,
    public::FastPath,
    routes::configure,
    transport::{ConnectionServer, Serving, Timeouts},
};
use actix_service::{ServiceFactoryExt, apply, map_config};
use actix_web::{App as Application, Error, dev::AppConfig, web::Data};
pub use metrics::serve_metrics;
use std::{io, net::TcpListener};

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
