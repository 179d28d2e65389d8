//! Where a class lives in Redis.

use crate::ClassName;

/// Changes whenever keys or stored jobs change their form. It is part of every key, so two versions never touch
/// each other's jobs.
pub(super) const LAYOUT: &str = "1";

/// The keys of one class, in the order in which every script takes them: jobs by id; the ring of groups with
/// ready jobs; ids by due time; leases by the time they run out; ids of dead letters by time of death; dead
/// letters by id; the pause mark; the start of each group's line; the channel that wakes workers. The braces
/// put them into one slot of a Redis Cluster.
pub(super) fn class_keys(prefix: &str, class: &ClassName) -> [String; 9] {
    let parts = [
        "data", "ring", "delayed", "leases", "dead-at", "dead", "paused", "g:", "bell",
    ];
    parts.map(|part| format!("{{{prefix}:{class}}}:{LAYOUT}:{part}"))
}

/// The key that says which layout was last in use.
pub(super) fn layout_key(prefix: &str) -> String {
    format!("{prefix}:queue-layout")
}

/// Matches the wake channels of all classes, and the class in a channel's name.
pub(super) struct WakeChannelPattern {
    pub(super) glob: String,
    start: String,
    end: String,
}

impl WakeChannelPattern {
    pub(super) fn new(prefix: &str) -> Self {
        let start = format!("{{{prefix}:");
        let end = format!("}}:{LAYOUT}:bell");
        let literal: String = start
            .chars()
            .flat_map(|letter| {
                matches!(letter, '*' | '?' | '[' | ']' | '\\')
                    .then_some('\\')
                    .into_iter()
                    .chain([letter])
            })
            .collect();
        Self {
            glob: format!("{literal}*{end}"),
            start,
            end,
        }
    }

    pub(super) fn class<'a>(&self, channel: &'a str) -> Option<&'a str> {
        channel.strip_prefix(&*self.start)?.strip_suffix(&*self.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bell_is_heard_by_its_class() {
        let keys = class_keys("a*b", &"sync".into());
        let pattern = WakeChannelPattern::new("a*b");

        assert_eq!(pattern.class(&keys[8]), Some("sync"));
        assert_eq!(pattern.glob, r"{a\*b:*}:1:bell");
    }
}
