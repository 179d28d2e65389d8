//! What a process takes while the counters that all share are away.

use std::num::NonZeroU32;

/// One part in so many of a limit.
const PARTS: u32 = 4;

/// A quarter of a limit, at least one: so that four processes which count alone stay within the whole.
pub(crate) fn local_share(limit: NonZeroU32) -> NonZeroU32 {
    NonZeroU32::new(limit.get() / PARTS).unwrap_or(NonZeroU32::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_processes_stay_within_the_whole() {
        for (limit, share) in [(1, 1), (3, 1), (4, 1), (7, 1), (8, 2), (200, 50)] {
            assert_eq!(
                local_share(NonZeroU32::new(limit).unwrap()).get(),
                share,
                "of {limit}"
            );
        }
    }
}
