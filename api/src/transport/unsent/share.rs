//! Bodies that some clients have not read yet.

use actix_web::web::Bytes;
use std::collections::{HashMap, hash_map::Entry};

/// What some clients have not read yet: each body by its address, and how many are sent it.
#[derive(Debug, Default)]
pub(super) struct Share {
    pub(super) bytes: usize,
    readers: HashMap<usize, usize>,
}

impl Share {
    /// Whether nobody is sent anything.
    pub(super) fn is_empty(&self) -> bool {
        self.readers.is_empty()
    }

    /// Whether one more body fits. One that is larger than all that may wait fits alone.
    pub(super) fn has_room(&self, body: &Bytes, most: usize) -> bool {
        self.bytes == 0 || self.readers.contains_key(&address(body)) || self.bytes + body.len() <= most
    }

    /// One more client is sent this body.
    pub(super) fn add(&mut self, body: &Bytes) {
        let readers = self.readers.entry(address(body)).or_default();
        if *readers == 0 {
            self.bytes += body.len();
        }
        *readers += 1;
    }

    /// One of them is sent it no longer.
    pub(super) fn remove(&mut self, body: &Bytes) {
        if let Entry::Occupied(mut readers) = self.readers.entry(address(body)) {
            *readers.get_mut() -= 1;
            if *readers.get() == 0 {
                readers.remove();
                self.bytes -= body.len();
            }
        }
    }
}

/// No other body is there while this one is held.
fn address(body: &Bytes) -> usize {
    body.as_ptr().addr()
}
