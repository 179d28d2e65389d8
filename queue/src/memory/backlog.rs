//! Ready jobs: a line for each group, and a ring of the groups that have one.

use std::collections::{HashMap, VecDeque};

use crate::{GroupKey, JobId};

/// The ready jobs of a class. A group is in the ring exactly while its line is not empty.
#[derive(Default)]
pub(super) struct Backlog {
    ring: VecDeque<GroupKey>,
    lines: HashMap<GroupKey, VecDeque<JobId>>,
    length: usize,
}

impl Backlog {
    pub(super) fn len(&self) -> usize {
        self.length
    }

    /// Puts a job at the end of its group's line.
    pub(super) fn append(&mut self, group: &GroupKey, id: JobId) {
        let line = self.lines.entry(group.clone()).or_default();
        if line.is_empty() {
            self.ring.push_back(group.clone());
        }
        line.push_back(id);
        self.length += 1;
    }

    /// Puts a job back at the head of its group's line, and the group next in turn if it had left the ring.
    pub(super) fn put_back(&mut self, group: &GroupKey, id: JobId) {
        let line = self.lines.entry(group.clone()).or_default();
        if line.is_empty() {
            self.ring.push_front(group.clone());
        }
        line.push_front(id);
        self.length += 1;
    }

    /// Takes one job of the group whose turn it is.
    pub(super) fn take(&mut self) -> Option<JobId> {
        let group = self.ring.pop_front()?;
        let line = self.lines.get_mut(&group)?;
        let id = line.pop_front();
        if line.is_empty() {
            self.lines.remove(&group);
        } else {
            self.ring.push_back(group);
        }
        self.length -= usize::from(id.is_some());
        id
    }

    /// The job at the head of each line.
    pub(super) fn heads(&self) -> impl Iterator<Item = &JobId> {
        self.lines.values().filter_map(VecDeque::front)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_take_turns_and_keep_their_own_order() {
        let mut backlog = Backlog::default();
        for (group, id) in [("a", "a1"), ("a", "a2"), ("a", "a3"), ("b", "b1"), ("c", "c1")] {
            backlog.append(&group.into(), id.into());
        }

        let order: Vec<_> = std::iter::from_fn(|| backlog.take())
            .map(|id| id.to_string())
            .collect();

        assert_eq!(order, ["a1", "b1", "c1", "a2", "a3"]);
        assert_eq!(backlog.len(), 0);
    }

    #[test]
    fn a_job_put_back_is_the_next_of_its_group() {
        let mut backlog = Backlog::default();
        backlog.append(&"a".into(), "a1".into());
        backlog.append(&"a".into(), "a2".into());
        let first = backlog.take().unwrap();

        backlog.put_back(&"a".into(), first);

        assert_eq!(backlog.take().unwrap().as_str(), "a1");
    }
}
