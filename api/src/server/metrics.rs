//! The listener that only operators reach.

use crate::{operators, probe::Probe, transport::HEAD_TIMEOUT};
use actix_web::{
    App as Application, HttpResponse, HttpServer,
    web::{self, Data},
};
use std::{io, net::TcpListener};

/// Serves `GET /metrics` on `listener` with what `render` gives, `/healthz`, and `/readyz` by these probes, until
/// `shutdown` completes. For a listener that only operators reach: it asks for no credentials and handles no
/// signals.
///
/// # Errors
/// When the listener cannot be used.
pub async fn serve_metrics(
    listener: TcpListener,
    render: impl Fn() -> String + Clone + Send + Sync + 'static,
    probes: Vec<Probe>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let probes = Data::new(probes);
    let server = HttpServer::new(move || {
        let render = render.clone();
        let answer = move || {
            let text = render();
            async move {
                HttpResponse::Ok()
                    .content_type("text/plain; version=0.0.4; charset=utf-8")
                    .body(text)
            }
        };
        Application::new()
            .app_data(probes.clone())
            .service(web::resource("/metrics").route(web::get().to(answer)))
            .service(operators::read_health)
            .service(web::resource("/readyz").route(web::get().to(operators::read_readiness_of)))
    })
    .workers(1)
    .client_request_timeout(HEAD_TIMEOUT)
    .shutdown_timeout(1)
    .shutdown_signal(shutdown)
    .listen(listener)?
    .run();
    server.await
}
