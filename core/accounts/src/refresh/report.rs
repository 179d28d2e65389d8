//! What a refresh reports.

use serde::Serialize;
use vitrine_entity::Time;

/// What a refresh did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct RefreshReport {
    /// When the renewed token dies.
    pub expires_at: Time,
}
