//! How long sessions last.

use std::time::Duration;

/// How long a sign-in lasts when it is not used.
pub(in crate::identity) const UNUSED_SESSION_LIFETIME: Duration = Duration::from_hours(30 * 24);

/// How long a sign-in lasts at most, however much it is used.
pub(in crate::identity) const SESSION_LIFETIME: Duration = Duration::from_hours(180 * 24);
