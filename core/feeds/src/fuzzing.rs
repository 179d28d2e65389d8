//! What must hold for everything that visitors send, and for what is made of captions.

use super::{FeedCursor, Position};
pub use super::{caption::fuzzing::captions, pages::graph_query::fuzzing::fields};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use vitrine_base::{
    fuzzing::{halves, with_a_bit_changed},
    paging::{Bookmark, Cursors},
    security::MasterKey,
};

/// Any bytes, as a bookmark.
struct Place(Vec<u8>);

impl Bookmark for Place {
    type Bytes = Vec<u8>;

    fn write(&self) -> Vec<u8> {
        self.0.clone()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        Some(Self(bytes.to_vec()))
    }
}

/// A cursor that opens was sealed here, for this list, letter by letter; a position is what is written for it.
pub fn cursors(input: &[u8]) {
    let (list, rest) = halves(input);
    let list = String::from_utf8_lossy(list);
    let cursors = Cursors::new(&MasterKey::from_bytes([7; 32]));
    if let Ok(cursor) = std::str::from_utf8(rest)
        && let Ok(position) = cursors.open::<Place>(&list, cursor)
    {
        assert_eq!(cursors.seal(&list, &position), cursor);
    }
    assert_sealed(&cursors, &list, rest);
    assert_positions(rest);
}

fn assert_sealed(cursors: &Cursors, list: &str, position: &[u8]) {
    let opens = |cursors: &Cursors, list: &str, cursor: &str| cursors.open::<Place>(list, cursor);
    let sealed = cursors.seal(list, &Place(position.to_vec()));
    assert!(opens(cursors, list, &sealed).is_ok_and(|opened| opened.0 == position));
    assert!(opens(cursors, &format!("{list}s"), &sealed).is_err());
    let others = Cursors::new(&MasterKey::from_bytes([8; 32]));
    assert!(opens(&others, list, &sealed).is_err());
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(&sealed).unwrap_or_default();
    let changed = BASE64_URL_SAFE_NO_PAD.encode(with_a_bit_changed(&bytes));
    assert!(opens(cursors, list, &changed).is_err());
}

fn assert_positions(bytes: &[u8]) {
    if let Some(position) = Position::read(bytes) {
        assert_eq!(position.write().as_slice(), bytes);
    }
    if let Some(bookmark) = FeedCursor::read(bytes) {
        assert_eq!(bookmark.write().as_slice(), bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrine_base::fuzzing::holds_for_seeds;

    #[test]
    fn seeds_of_cursors() {
        holds_for_seeds("cursors", cursors);
    }

    #[test]
    fn seeds_of_fields() {
        holds_for_seeds("fields", fields);
    }

    #[test]
    fn seeds_of_captions() {
        holds_for_seeds("captions", captions);
    }
}
