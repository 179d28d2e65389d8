//! Runs that were held back come again one after the other.

use std::time::Duration;
use vitrine_base::{clock::later, random};
use vitrine_entity::Time;

/// They come spread over this time, not all at once.
pub(crate) const SPREAD: Duration = Duration::from_mins(10);

/// A moment within ten minutes from `end`.
pub(crate) fn staggered_after(end: Time) -> Time {
    later(end, random::jitter(SPREAD, 0.0..1.0))
}
