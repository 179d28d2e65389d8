//! What must hold whatever strangers send: one function for each thing that is read from them. Each takes any
//! bytes and panics where a promise is broken.
//!
//! `scripts/fuzz` looks for such bytes; the seeds that it begins with are tests here as well.

pub use crate::{
    callbacks::fuzzing::{signed_request, webhook},
    feeds::fuzzing::{captions, cursors, fields},
    identity::fuzzing::addresses,
    keys::fuzzing::keys,
};

/// The parts before and behind the first end of a line; nothing is behind where there is none.
pub(crate) fn halves(input: &[u8]) -> (&[u8], &[u8]) {
    match input.iter().position(|byte| *byte == b'\n') {
        Some(at) => (&input[..at], &input[at + 1..]),
        None => (input, &[]),
    }
}

/// The bytes with one bit changed, whose place is taken from the bytes themselves.
pub(crate) fn with_a_bit_changed(bytes: &[u8]) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    let sum: usize = bytes.iter().map(|byte| usize::from(*byte)).sum();
    if let Some(byte) = changed.get_mut(sum % bytes.len().max(1)) {
        *byte ^= 1 << (sum % 8);
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::BTreeSet, fs, path::Path};

    /// Fails too where there are no seeds: a target that starts from nothing finds nothing in a minute.
    fn holds_for_seeds(target: &str, property: fn(&[u8])) {
        let seeds = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../fuzz/seeds")
            .join(target);
        let mut read = 0;
        for seed in fs::read_dir(&seeds).unwrap() {
            let seed = seed.unwrap().path();
            println!("{}", seed.display());
            property(&fs::read(&seed).unwrap());
            read += 1;
        }
        assert!(read > 0, "no seeds in {}", seeds.display());
    }

    #[test]
    fn every_target_has_seeds() {
        let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz");
        let names = |folder: &str| -> BTreeSet<_> {
            let entries = fs::read_dir(fuzz.join(folder)).unwrap();
            entries
                .map(|entry| entry.unwrap().path().file_stem().unwrap().to_owned())
                .collect()
        };

        assert_eq!(names("targets"), names("seeds"));
    }

    #[test]
    fn seeds_of_signed_requests() {
        holds_for_seeds("signed_request", signed_request);
    }

    #[test]
    fn seeds_of_webhooks() {
        holds_for_seeds("webhook", webhook);
    }

    #[test]
    fn seeds_of_cursors() {
        holds_for_seeds("cursors", cursors);
    }

    #[test]
    fn seeds_of_keys() {
        holds_for_seeds("keys", keys);
    }

    #[test]
    fn seeds_of_fields() {
        holds_for_seeds("fields", fields);
    }

    #[test]
    fn seeds_of_captions() {
        holds_for_seeds("captions", captions);
    }

    #[test]
    fn seeds_of_addresses() {
        holds_for_seeds("addresses", addresses);
    }
}
