//! A memory of bounded size that keeps what is asked for.

use std::collections::HashMap;

type Entries<V> = HashMap<Vec<u8>, V, foldhash::fast::RandomState>;

/// Entries of this generation and the one before. When this one is full it becomes the one before, and what
/// of that was not asked for meanwhile is forgotten.
pub(super) struct GenerationalCache<V> {
    this: Entries<V>,
    before: Entries<V>,
}

impl<V> Default for GenerationalCache<V> {
    fn default() -> Self {
        Self {
            this: Entries::default(),
            before: Entries::default(),
        }
    }
}

impl<V: Clone> GenerationalCache<V> {
    /// What stands under these words; `most` as for [`put`](Self::put).
    pub(super) fn get(&mut self, request_key: &[u8], most: usize) -> Option<V> {
        if let Some(value) = self.this.get(request_key) {
            return Some(value.clone());
        }
        let (request_key, value) = self.before.remove_entry(request_key)?;
        self.put(request_key, value.clone(), most);
        Some(value)
    }

    /// Puts something under these words; what stood there is gone. Both generations together hold at most
    /// `most` entries, and two at least.
    pub(super) fn put(&mut self, request_key: Vec<u8>, value: V, most: usize) {
        let room = (most / 2).max(1);
        if self.this.len() >= room && !self.this.contains_key(&request_key) {
            self.before = std::mem::take(&mut self.this);
        }
        self.this.insert(request_key, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request_key(number: u32) -> Vec<u8> {
        number.to_be_bytes().to_vec()
    }

    #[test]
    fn what_is_asked_for_stays_and_the_rest_makes_room() {
        let mut memory = GenerationalCache::default();
        for number in 0..1_000 {
            memory.put(request_key(number), number, 8);
            assert_eq!(memory.get(&request_key(0), 8), Some(0));
            assert!(memory.this.len() + memory.before.len() <= 8);
        }

        assert_eq!(memory.get(&request_key(999), 8), Some(999));
        assert_eq!(memory.get(&request_key(500), 8), None);
    }

    #[test]
    fn what_is_put_again_replaces_what_stood_there() {
        let mut memory = GenerationalCache::default();
        for number in 0..4 {
            memory.put(request_key(number), number, 4);
        }

        memory.put(request_key(1), 11, 4);
        memory.put(request_key(3), 33, 4);

        assert_eq!(
            (memory.get(&request_key(1), 4), memory.get(&request_key(3), 4)),
            (Some(11), Some(33))
        );
    }
}
