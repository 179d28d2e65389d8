//! How many units there are, and for whom.

use super::CallClass;
use crate::counters::local_share;
use std::num::NonZeroU32;

/// How many units there are.
#[derive(Clone, Copy, Debug)]
pub struct BudgetLimits {
    /// Calls that one token may make in an hour.
    pub token_calls_per_hour: NonZeroU32,
    /// Calls that the app may make in an hour; none means that only the platform limits it.
    pub app_calls_per_hour: Option<NonZeroU32>,
}

impl BudgetLimits {
    /// What a process takes on its own while the shared books are away.
    pub(super) fn local(self) -> Self {
        Self {
            token_calls_per_hour: local_share(self.token_calls_per_hour),
            app_calls_per_hour: self.app_calls_per_hour.map(local_share),
        }
    }

    /// Units of a token's hour that a class may use.
    pub(super) fn token(&self, class: CallClass) -> u32 {
        open_to(class, self.token_calls_per_hour.get())
    }

    /// Units of the app's hour that a class may use.
    pub(super) fn app(&self, class: CallClass) -> u32 {
        self.app_calls_per_hour
            .map_or(u32::MAX, |limit| open_to(class, limit.get()))
    }
}

/// A fifth is kept back from the schedule, half of that from people too: what keeps tokens alive finds it.
/// Of very few units the schedule leaves one.
fn open_to(class: CallClass, all: u32) -> u32 {
    match class {
        CallClass::Refresh => all,
        CallClass::Interactive => all - all / 10,
        CallClass::Sync => (all - (all / 5).max(1)).max(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_kept_back_for_refreshes_and_clicks() {
        for (all, expected) in [
            (1, [1, 1, 1]),
            (2, [1, 2, 2]),
            (5, [4, 5, 5]),
            (10, [8, 9, 10]),
            (200, [160, 180, 200]),
        ] {
            let open = [CallClass::Sync, CallClass::Interactive, CallClass::Refresh]
                .map(|class| open_to(class, all));
            assert_eq!(open, expected, "of {all}");
        }
    }
}
