//! Clients that go away before they are answered.

use super::*;
use actix_web::dev::Service;
use futures::FutureExt;
use std::sync::Arc;
use tokio::sync::Notify;

#[actix_web::test]
async fn a_change_is_counted_for_as_long_as_it_runs_and_nobody_waits() {
    let (app, end) = (TestApp::start().await.app, Arc::new(Notify::new()));
    let ends = Arc::clone(&end);
    let change = move || {
        let ends = Arc::clone(&ends);
        async move {
            ends.notified().await;
            HttpResponse::NoContent().finish()
        }
    };
    let routes = web::scope("")
        .route("/", web::post().to(change))
        .wrap(from_fn(run_detached));
    let service = init_service(Application::new().app_data(app.clone()).service(routes)).await;

    let mut request = Box::pin(service.call(ask("POST", "/").to_request()));
    assert!(futures::poll!(&mut request).is_pending());
    drop(request);

    assert!(app.in_flight.has_ended().now_or_never().is_none());
    end.notify_one();
    app.in_flight.has_ended().await;
}
