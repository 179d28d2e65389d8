//! The right to a row.

use crate::clock::later;
use std::time::Duration;
use vitrine_entity::{LeaseId, Time};

/// The right of one run to work on rows, until its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Which run has it.
    pub id: LeaseId,
    /// When anybody may claim the rows again.
    pub until: Time,
}

impl Lease {
    /// A new one that lasts for so long from now.
    #[must_use]
    pub fn begin(now: Time, span: Duration) -> Self {
        Self {
            id: LeaseId::generate(),
            until: later(now, span),
        }
    }
}
