//! Reading the letters that an installation wrote into files.

use super::Installation;
use std::{path::PathBuf, time::Duration};
use vitrine_test_support::wait_until;

/// All letters to an address, the oldest first.
pub(crate) fn letters(vitrine: &Installation, to: &str) -> Vec<String> {
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
pub(crate) async fn letter(vitrine: &Installation, to: &str, subject: &str, number: usize) -> String {
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
pub(crate) fn token(letter: &str) -> String {
    token_behind(letter, "#token=").unwrap()
}

/// The token that follows this beginning of a link.
pub(crate) fn token_behind(letter: &str, link: &str) -> Option<String> {
    let (_, rest) = letter.split_once(link)?;
    let ends = |sign: char| !(sign.is_ascii_alphanumeric() || matches!(sign, '-' | '_'));
    rest.split(ends).next().map(str::to_owned)
}
