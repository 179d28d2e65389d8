//! A memory of bounded size that keeps what is asked for.

use std::collections::HashMap;

type Entries<V> = HashMap<Vec<u8>, V, foldhash::fast::RandomState>;

/// Entries of this generation and the one before. When this one is full it becomes the one before, and what
/// of that was not asked for meanwhile is forgotten.
pub(super) struct Generations<V> {
    this: Entries<V>,
    before: Entries<V>,
}

impl<V> Default for Generations<V> {
    fn default() -> Self {
        Self {
            this: Entries::default(),
            before: Entries::default(),
        }
    }
}

impl<V: Clone> Generations<V> {
    /// What stands under these words; `most` as for [`put`](Self::put).
    pub(super) fn get(&mut self, words: &[u8], most: usize) -> Option<V> {
        if let Some(value) = self.this.get(words) {
            return Some(value.clone());
        }
        let (words, value) = self.before.remove_entry(words)?;
        self.put(words, value.clone(), most);
        Some(value)
    }

    /// Puts something under these words; what stood there is gone. Both generations together hold at most
    /// `most` entries, and two at least.
    pub(super) fn put(&mut self, words: Vec<u8>, value: V, most: usize) {
        let room = (most / 2).max(1);
        if self.this.len() >= room && !self.this.contains_key(&words) {
            self.before = std::mem::take(&mut self.this);
        }
        self.this.insert(words, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(number: u32) -> Vec<u8> {
        number.to_be_bytes().to_vec()
    }

    #[test]
    fn what_is_asked_for_stays_and_the_rest_makes_room() {
        let mut memory = Generations::default();
        for number in 0..1_000 {
            memory.put(words(number), number, 8);
            assert_eq!(memory.get(&words(0), 8), Some(0));
            assert!(memory.this.len() + memory.before.len() <= 8);
        }

        assert_eq!(memory.get(&words(999), 8), Some(999));
        assert_eq!(memory.get(&words(500), 8), None);
    }

    #[test]
    fn what_is_put_again_replaces_what_stood_there() {
        let mut memory = Generations::default();
        for number in 0..4 {
            memory.put(words(number), number, 4);
        }

        memory.put(words(1), 11, 4);
        memory.put(words(3), 33, 4);

        assert_eq!(
            (memory.get(&words(1), 4), memory.get(&words(3), 4)),
            (Some(11), Some(33))
        );
    }
}
