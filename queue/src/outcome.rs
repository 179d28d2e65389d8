//! How a job ended.

use std::time::Duration;

/// What a handler says about its job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is done: nothing of it stays in the queue, and its id may be pushed again.
    Done,
    /// Not now: it comes back after this time and the attempt is not counted.
    Later(Duration),
    /// It failed. It comes back after `after`, or goes to the dead letters when this was its last attempt.
    Retry {
        /// How long to wait before the next attempt.
        after: Duration,
        /// For the log and the dead letters; must not hold secrets.
        reason: String,
    },
    /// It can never succeed: it goes to the dead letters at once.
    Discard {
        /// For the log and the dead letters; must not hold secrets.
        reason: String,
    },
}
