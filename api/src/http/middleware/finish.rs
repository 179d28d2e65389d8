//! A request that may change something runs to its end once it has begun, also when whoever sent it goes away.
//!
//! Without it the server drops a request with its connection, wherever it stands: between a change and its entry in
//! the audit log, or between a change and the first answer to its `Idempotency-Key`.

use crate::{app::App, http::problem::Problem, transport::InFlightGuard};
use actix_web::{
    Error,
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    rt,
    web::Data,
};
use std::{panic::resume_unwind, rc::Rc};
use tracing::Instrument;

/// Paths that change something although browsers are sent to them with a `GET`: coming back from the consent page
/// uses up the state and exchanges the code.
const CHANGES_BY_READING: [&str; 1] = ["/v1/oauth/instagram/callback"];

/// Runs a request apart from its connection, and waits for it. Requests that only read end with their connection;
/// the method alone does not say which ones do.
pub(crate) async fn run_detached(
    app: Data<App>,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if only_reads(&request) {
        return next.call(request).await;
    }
    // Whoever sent it may go away, and take with them what counts them.
    let run = Rc::new(app.in_flight.track());
    let _here = Attendance(Rc::clone(&run));
    let work = next.call(request);
    let running = async move {
        let _counted = run;
        work.await
    };
    match rt::spawn(running.in_current_span()).await {
        Ok(outcome) => outcome,
        Err(failure) => match failure.try_into_panic() {
            // As if it had run here: the outermost layer answers.
            Ok(panic) => resume_unwind(panic),
            Err(cancelled) => Err(Problem::internal(cancelled).into()),
        },
    }
}

fn only_reads(request: &ServiceRequest) -> bool {
    let changes = |pattern: String| CHANGES_BY_READING.contains(&pattern.as_str());
    request.method().is_safe() && !request.match_pattern().is_some_and(changes)
}

/// Somebody waits for the answer.
struct Attendance(Rc<InFlightGuard>);

impl Drop for Attendance {
    fn drop(&mut self) {
        let goes_on = Rc::strong_count(&self.0) > 1;
        if goes_on {
            tracing::info!("the client of a request went away; the request runs to its end");
        }
    }
}
