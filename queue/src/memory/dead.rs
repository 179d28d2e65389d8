//! Dead letters, oldest first, at most so many.

use std::collections::{HashSet, VecDeque};

use crate::{DeadLetter, DeadSelection};

/// The dead letters of a class.
pub(super) struct DeadLetters {
    letters: VecDeque<DeadLetter>,
    most: usize,
}

impl DeadLetters {
    pub(super) fn new(most: usize) -> Self {
        Self {
            letters: VecDeque::new(),
            most,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.letters.len()
    }

    /// Adds a letter in place of an older one with its id; drops the oldest when there are too many.
    pub(super) fn add(&mut self, letter: DeadLetter) {
        self.letters.retain(|other| other.id != letter.id);
        self.letters.push_back(letter);
        while self.letters.len() > self.most {
            self.letters.pop_front();
        }
    }

    /// Copies the newest ones.
    pub(super) fn newest(&self, limit: usize) -> Vec<DeadLetter> {
        self.letters.iter().rev().take(limit).cloned().collect()
    }

    /// Removes the selected ones.
    pub(super) fn take(&mut self, which: DeadSelection<'_>) -> Vec<DeadLetter> {
        let DeadSelection::Ids(ids) = which else {
            return self.letters.drain(..).collect();
        };
        let ids: HashSet<_> = ids.iter().collect();
        let (taken, kept): (VecDeque<_>, VecDeque<_>) = self
            .letters
            .drain(..)
            .partition(|letter| ids.contains(&letter.id));
        self.letters = kept;
        taken.into()
    }
}
