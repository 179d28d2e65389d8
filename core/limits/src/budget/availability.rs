//! Whether the books that all share answer, and when they are asked again.

use std::time::{Duration, Instant};

/// They are asked again after this time of silence; meanwhile nobody waits for them.
const ASKED_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// What a process knows of the books that all share. They answer until they were seen to fail.
#[derive(Debug, Default)]
pub(super) struct Availability {
    /// When they may be asked again; none while they answer.
    away_until: Option<Instant>,
}

impl Availability {
    /// Whether to ask now. While they are away one call in a while finds out whether they are back.
    pub(super) fn may_ask(&mut self, now: Instant) -> bool {
        let Some(until) = self.away_until else {
            return true;
        };
        if until > now {
            return false;
        }
        // Only this call waits: its answer may not come either.
        self.away_until = Some(now + ASKED_AGAIN_AFTER);
        true
    }

    /// They answered. Says whether they were away before.
    pub(super) fn note_answer(&mut self) -> bool {
        self.away_until.take().is_some()
    }

    /// They did not answer. Says whether they did before.
    pub(super) fn note_failure(&mut self, now: Instant) -> bool {
        self.away_until.replace(now + ASKED_AGAIN_AFTER).is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn books_that_are_away_are_asked_by_one_call_in_a_while() {
        let (mut books, now) = (Availability::default(), Instant::now());
        assert!(books.may_ask(now));

        books.note_failure(now);
        let (early, late) = (now + ASKED_AGAIN_AFTER / 2, now + ASKED_AGAIN_AFTER);

        assert!(!books.may_ask(early));
        assert!(books.may_ask(late));
        assert!(!books.may_ask(late), "another asks already");
        books.note_answer();
        assert!(books.may_ask(late));
    }

    #[test]
    fn only_a_change_is_news() {
        let (mut books, now) = (Availability::default(), Instant::now());

        assert!(!books.note_answer());
        assert!(books.note_failure(now));
        assert!(!books.note_failure(now));
        assert!(books.note_answer());
        assert!(!books.note_answer());
    }
}
