//! Ids that follow from what they are ids of.

use uuid::{Builder, Uuid};

/// The id of something by what makes it up, always the same: a hash as a UUID of version 8 (RFC 9562, section 5.8).
/// The parts have to be such that no other ones put together read the same.
pub fn hashed_id(parts: &[&[u8]]) -> Uuid {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(part);
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    Builder::from_custom_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_follows_from_its_parts() {
        assert_eq!(hashed_id(&[b"a", b"b"]), hashed_id(&[b"a", b"b"]));
        assert_ne!(hashed_id(&[b"a", b"b"]), hashed_id(&[b"a", b"c"]));
        assert_eq!(hashed_id(&[b"a"]).get_version_num(), 8);
    }
}
