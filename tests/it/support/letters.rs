//! Reading the letters that an installation wrote into files.

use crate::support::Installation;
use std::{path::PathBuf, time::Duration};
use vitrine_test_support::wait_until;

/// All letters to an address, the oldest first.
pub(super) fn letters(vitrine: &Installation, to: &str) -> Vec<String> {
    let directory = vitrine.directory.path().join("data/outbox");
    let Ok(found) = std::fs::read_dir(directory) else {
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = found.map(|file| file.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "eml"));
    files.sort();
    let wanted = format!("To: {to}\r\n");
    files
        .iter()
        .filter_map(|path| std::fs::read_to_string(path).ok())
        .filter(|letter| letter.contains(&wanted))
        .map(|letter| letter.replace("=\r\n", "").replace("=3D", "="))
        .collect()
}

/// Waits until so many letters with this subject have come to an address; gives the newest.
pub(super) async fn letter(vitrine: &Installation, to: &str, subject: &str, number: usize) -> String {
    let wanted = format!("Subject: {subject}");
    let mut last = Vec::new();
    let found = wait_until(Duration::from_secs(20), async || {
        last = letters(vitrine, to);
        last.retain(|letter| letter.contains(&wanted));
        last.len() >= number
    });
    let found = found.await;
    assert!(
        found.is_ok(),
        "no letter {number} about {subject}:\n{}",
        vitrine.log()
    );
    assert_eq!(last.len(), number);
    last.pop().unwrap()
}

/// The token in the link of a letter.
pub(super) fn token(letter: &str) -> String {
    let (_, rest) = letter.split_once("#token=").unwrap();
    rest.split(|sign: char| !sign.is_ascii_alphanumeric() && sign != '_' && sign != '-')
        .next()
        .unwrap()
        .to_owned()
}
