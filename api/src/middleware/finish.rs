//! A request that may change something runs to its end once it has begun, also when whoever sent it goes away.
//!
//! Without it the server drops a request with its connection, wherever it stands: between a change and its entry in
//! the audit log, or between a change and the first answer to its `Idempotency-Key`.

use crate::{app::App, problem::Problem};
use actix_web::{
    Error,
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    rt,
    web::Data,
};
use std::{cell::RefCell, panic::resume_unwind, rc::Rc, sync::Arc};
use tokio::sync::watch;
use tracing::Instrument;

/// Counts requests that go on although whoever sent them went away. Clones count together.
#[derive(Clone, Debug)]
pub struct Abandoned(Arc<watch::Sender<usize>>);

impl Default for Abandoned {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }
}

impl Abandoned {
    /// Waits until none is left.
    pub(crate) async fn have_ended(&self) {
        let mut count = self.0.subscribe();
        // The sender is ours, so the count does not end before we do.
        let _none = count.wait_for(|left| *left == 0).await;
    }

    /// One more, until it is dropped.
    pub(crate) fn one_more(&self) -> OneMore {
        self.0.send_modify(|count| *count += 1);
        OneMore(self.clone())
    }
}

/// A request that goes on.
#[derive(Debug)]
pub(crate) struct OneMore(Abandoned);

impl Drop for OneMore {
    fn drop(&mut self) {
        self.0.0.send_modify(|count| *count -= 1);
    }
}

/// Paths that change something although browsers are sent to them with a `GET`: coming back from the consent page
/// uses up the state and exchanges the code.
const CHANGES_BY_READING: [&str; 1] = ["/v1/oauth/instagram/callback"];

/// Runs a request apart from its connection, and waits for it. Requests that only read end with their connection;
/// which ones do is not told by the method alone.
pub(crate) async fn finish_what_has_begun(
    app: Data<App>,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if only_reads(&request) {
        return next.call(request).await;
    }
    let run = Rc::new(Run::default());
    let _here = Attendance {
        run: Rc::clone(&run),
        abandoned: app.abandoned.clone(),
    };
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

/// A request under way; counted once nobody waits for it.
#[derive(Debug, Default)]
struct Run(RefCell<Option<OneMore>>);

/// Somebody waits for the answer.
struct Attendance {
    run: Rc<Run>,
    abandoned: Abandoned,
}

impl Drop for Attendance {
    fn drop(&mut self) {
        let goes_on = Rc::strong_count(&self.run) > 1;
        if goes_on {
            tracing::info!("whoever sent a request went away; it is run to its end");
            self.run.0.replace(Some(self.abandoned.one_more()));
        }
    }
}
