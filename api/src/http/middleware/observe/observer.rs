//! The state of the outermost layer.

use super::log_throttle::LogThrottle;
use crate::{app::App, http::problem::ProblemFormat};
use actix_web::{dev::ServiceRequest, web::Data};

/// What the outermost layer keeps between requests.
pub(crate) struct Observer {
    pub(super) app: Data<App>,
    pub(super) problem_format: fn(&ServiceRequest) -> ProblemFormat,
    pub(super) log_throttle: LogThrottle,
}

impl Observer {
    /// Nothing was seen yet; `problem_format` says how the problems of a request are worded.
    pub(crate) fn new(app: Data<App>, problem_format: fn(&ServiceRequest) -> ProblemFormat) -> Self {
        Self {
            app,
            problem_format,
            log_throttle: LogThrottle::default(),
        }
    }
}
