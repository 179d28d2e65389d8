//! What a sync reports.

use serde::Serialize;

/// What a sync did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SyncReport {
    /// Posts that Instagram listed.
    pub listed: usize,
    /// New ones.
    pub added: usize,
    /// Edited ones.
    pub changed: usize,
    /// Ones that are gone.
    pub hidden: usize,
    /// Whether all links were stored anew because the old ones die soon.
    pub links_renewed: bool,
}

impl SyncReport {
    /// Whether there is something to report.
    #[must_use]
    pub fn is_notable(&self) -> bool {
        self.added + self.changed + self.hidden > 0
    }
}
