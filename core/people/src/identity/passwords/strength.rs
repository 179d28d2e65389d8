//! How soon somebody would guess a password. The work is bounded, whatever the password holds.

use std::collections::HashSet;
use zxcvbn::{Score, zxcvbn};

/// zxcvbn takes time by the square of the length: a password is judged in parts of so many characters.
const PART: usize = 32;
/// What stands behind the first parts is not looked at.
const PARTS: usize = 3;
/// Signs that zxcvbn reads as letters (`4` for `a`).
const SIGNS_FOR_LETTERS: &str = "4@8({[<3691!|70$5+%2";
/// zxcvbn tries every combination of the letters that such signs may stand for. Of more signs than these, the others
/// are read as signs alone.
const SIGNS_AT_ONCE: usize = 6;

/// Whether a password is among the first million that somebody would try who knows these words about the person. A
/// long one is not once a part of it is not. Takes some milliseconds.
pub(in crate::identity) fn is_common(password: &str, words: &[String]) -> bool {
    let known = parts_of(words);
    let signs: Vec<char> = password.chars().take(PART * PARTS).collect();
    signs.chunks(PART).all(|part| {
        let part = with_few_signs_for_letters(part);
        zxcvbn(&part, &known).score() < Score::Two
    })
}

/// The words, and what they are put together of.
fn parts_of(words: &[String]) -> Vec<&str> {
    let parts = words.iter().flat_map(|word| {
        std::iter::once(word.as_str()).chain(word.split(|sign: char| !sign.is_alphanumeric()))
    });
    parts.filter(|word| word.chars().count() > 2).collect()
}

fn with_few_signs_for_letters(part: &[char]) -> String {
    let mut kept = HashSet::new();
    part.iter()
        .map(|&sign| {
            let stays = !SIGNS_FOR_LETTERS.contains(sign) || kept.contains(&sign);
            if stays || (kept.len() < SIGNS_AT_ONCE && kept.insert(sign)) {
                return sign;
            }
            nameless(sign)
        })
        .collect()
}

/// Another sign for each, from a range that no text uses.
fn nameless(sign: char) -> char {
    char::from_u32(0xE000 + u32::from(sign)).unwrap_or(sign)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    #[test]
    fn what_is_tried_first_is_common_and_pass_phrases_are_not() {
        let words = [
            "ada.lovelace@example.com".to_owned(),
            "Ada Lovelace".to_owned(),
            "Florist Mayer".to_owned(),
        ];
        let common = [
            "password",
            "12345678",
            "password123",
            "qwertyuiop",
            "letmein123",
            "aaaaaaaa",
            "lovelace",
            "adalovelace",
            "Lovelace1",
            "floristmayer",
            "ada.lovelace@example.com",
        ];
        for password in common {
            assert!(is_common(password, &words), "{password}");
        }
        for password in [
            "correct horse battery",
            "another password",
            "x7#kq9Lm",
            "Grüße aus dem Moor",
        ] {
            assert!(!is_common(password, &words), "{password}");
        }
    }

    #[test]
    fn a_long_password_is_common_when_each_part_is() {
        let repeated = "password".repeat(8);

        assert!(is_common(&repeated, &[]));
        assert!(is_common(&"a".repeat(256), &[]));
        assert!(!is_common(&format!("{repeated}x7#kq9Lm"), &[]));
        assert!(!is_common(
            &format!("{}correct horse battery", "a".repeat(PART)),
            &[]
        ));
    }

    #[test]
    fn what_stands_behind_the_first_parts_is_not_judged() {
        let common = "password".repeat(PART * PARTS / 8);

        assert!(is_common(&format!("{common}x7#kq9Lm"), &[]));
    }

    #[test]
    fn signs_for_letters_are_still_read_as_letters() {
        for password in ["p@$$w0rd", "1loveyou", "P4$$w0rd!", "l3tm31n"] {
            assert!(is_common(password, &[]), "{password}");
        }
        for password in ["4@8({[<3", "%+5$07|!", "x7#kq9Lm"] {
            assert!(!is_common(password, &[]), "{password}");
        }
    }

    #[test]
    fn only_a_few_signs_are_read_as_letters() {
        let signs: Vec<char> = SIGNS_FOR_LETTERS.chars().collect();

        let read = with_few_signs_for_letters(&signs);

        let kept: String = signs[..SIGNS_AT_ONCE].iter().collect();
        assert!(read.starts_with(&kept), "{read}");
        assert!(!read[kept.len()..].contains(&signs[..]), "{read}");
    }

    /// Judged as a whole, one of a hundred such signs takes seconds.
    #[test]
    fn whatever_a_password_holds_it_is_judged_in_a_moment() {
        is_common("what is read once is read", &[]);
        let words = vec!["ada lovelace ".repeat(8); 3];
        for first in 0..SIGNS_FOR_LETTERS.len() {
            let signs = SIGNS_FOR_LETTERS.chars().cycle().skip(first);
            let password: String = signs.take(256).collect();

            let began = Instant::now();
            is_common(&password, &words);

            let took = began.elapsed();
            assert!(took < Duration::from_millis(500), "{password}: {took:?}");
        }
    }
}
