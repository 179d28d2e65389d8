//! The media of the accounts read last, kept so that a listing is not made anew for each call.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use crate::accounts::Account;
use crate::locks::lock;
use crate::media::{Media, all_media};

/// So many media are kept over all accounts, about 12 MiB.
const MOST_KEPT: usize = 20_000;

#[derive(Debug)]
struct Shelf {
    version: u64,
    last_used: u64,
    media: Arc<Vec<Media>>,
}

#[derive(Debug, Default)]
struct Kept {
    shelves: HashMap<u32, Shelf>,
    uses: u64,
    total: usize,
}

/// Media by account, the least recently used thrown out first.
#[derive(Debug)]
pub(crate) struct Shelves {
    seed: u64,
    kept: Mutex<Kept>,
}

impl Shelves {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            seed,
            kept: Mutex::default(),
        }
    }

    /// All media of an account that are not deleted, newest first, as of its newest version.
    pub(crate) fn media_of(&self, account: &Account) -> Arc<Vec<Media>> {
        // Read before the record: an edit in between makes the shelf look older than it is, never newer.
        let version = account.version();
        if let Some(media) = lock(&self.kept).find(account.number, version) {
            return media;
        }
        let media = {
            let record = account.record();
            all_media(self.seed, account.number, record.starting_media(), &record.edits)
        };
        let media = Arc::new(media);
        lock(&self.kept).keep(account.number, version, Arc::clone(&media));
        media
    }
}

impl Kept {
    fn find(&mut self, account: u32, version: u64) -> Option<Arc<Vec<Media>>> {
        self.uses += 1;
        let uses = self.uses;
        let shelf = self
            .shelves
            .get_mut(&account)
            .filter(|shelf| shelf.version == version)?;
        shelf.last_used = uses;
        Some(Arc::clone(&shelf.media))
    }

    fn keep(&mut self, account: u32, version: u64, media: Arc<Vec<Media>>) {
        self.total += media.len();
        let shelf = Shelf {
            version,
            last_used: self.uses,
            media,
        };
        if let Some(old) = self.shelves.insert(account, shelf) {
            self.total -= old.media.len();
        }
        while self.total > MOST_KEPT && self.shelves.len() > 1 {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        let oldest = self
            .shelves
            .iter()
            .min_by_key(|(_, shelf)| shelf.last_used)
            .map(|(key, _)| *key);
        if let Some(shelf) = oldest.and_then(|key| self.shelves.remove(&key)) {
            self.total -= shelf.media.len();
        }
    }
}
