//! When an email that a server did not take is tried again, and for how long.

use super::email::Email;
use std::time::Duration;
use vitrine_base::background::leased_work::Backoff;

/// Longest wait between two tries.
const LONGEST_WAIT: Duration = Duration::from_mins(15);
const HOUR: Duration = Duration::from_hours(1);

/// Waits that double from the first one, spread so that emails which failed together are not tried together.
pub(super) fn backoff(first: Duration) -> Backoff {
    Backoff::new(first, LONGEST_WAIT).spread(0.75, 1.25)
}

/// How long delivering an email is tried. A link that has expired helps nobody.
pub(super) fn max_age(email: &Email) -> Duration {
    match email {
        Email::ResetPassword { .. } => HOUR,
        Email::VerifyEmail { .. } | Email::Invitation { .. } => HOUR * 24,
        Email::SecurityNotice { .. } | Email::SiteNotice { .. } => HOUR * 72,
    }
}
