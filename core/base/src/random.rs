//! Where randomness comes from.
//!
//! Everything here draws from the thread's ChaCha generator, which the operating system's own generator seeds, and
//! seeds anew from time to time. It is fit for secrets. Rules that decide by chance take a fraction as an argument, so
//! that their tests choose it.

use rand::distr::{Alphanumeric, SampleString};
use std::{ops::Range, time::Duration};

/// Bytes that nobody can guess, for secrets, nonces and names.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the door")]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::fill(&mut bytes);
    bytes
}

/// A text of `length` letters and digits that nobody can guess: almost six bits each.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the door")]
pub fn alphanumeric(length: usize) -> String {
    Alphanumeric.sample_string(&mut rand::rng(), length)
}

/// A number in `0.0..1.0`, every part of it as likely as another.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the door")]
pub fn fraction() -> f64 {
    rand::random()
}

/// `duration` times a factor within these bounds, so that those who began together drift apart.
///
/// # Panics
/// When the lower bound is negative, or the product is more than a [`Duration`] holds.
#[must_use]
pub fn jitter(duration: Duration, factors: Range<f64>) -> Duration {
    duration.mul_f64(factors.start + (factors.end - factors.start) * fraction())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn no_two_secrets_are_the_same() {
        assert_ne!(bytes::<16>(), bytes::<16>());
        assert_ne!(alphanumeric(16), alphanumeric(16));
    }

    #[test]
    fn a_text_has_the_length_that_was_asked_for() {
        let text = alphanumeric(40);

        assert_eq!(text.len(), 40);
        assert!(text.chars().all(|letter| letter.is_ascii_alphanumeric()));
    }

    #[test]
    fn jitter_stays_within_its_bounds_and_uses_them() {
        let waits: Vec<Duration> = (0..1_000).map(|_| jitter(MINUTE, 0.75..1.25)).collect();

        assert!(
            waits
                .iter()
                .all(|wait| (MINUTE * 3 / 4..=MINUTE * 5 / 4).contains(wait))
        );
        assert!(waits.iter().any(|wait| *wait < MINUTE.mul_f64(0.85)));
        assert!(waits.iter().any(|wait| *wait > MINUTE.mul_f64(1.15)));
    }
}
