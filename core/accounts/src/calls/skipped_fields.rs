//! Fields that Instagram refuses for an account, left out of its next calls for a while.
//!
//! Each process learns by itself and forgets when it ends: what it does not know costs one call more.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use vitrine_base::clock::{SharedClock, later};
use vitrine_entity::{AccountId, Time};
use vitrine_instagram::{Field, FieldSet};
use vitrine_limits::budget::Payer;

/// A refused field is asked for again after this time: new posts lack it meanwhile.
const LEFT_OUT_FOR: Duration = Duration::from_hours(1);
/// So many accounts are remembered at most.
const REMEMBERED: usize = 10_000;

/// The refused fields of each account, with the time until which each is left out.
type RefusedFields = HashMap<AccountId, Vec<(Field, Time)>>;

/// What is left out, for whom and until when. Clones share it.
#[derive(Clone)]
pub(crate) struct SkippedFields {
    clock: SharedClock,
    known: Arc<Mutex<RefusedFields>>,
}

impl SkippedFields {
    pub(crate) fn new(clock: SharedClock) -> Self {
        let known = Arc::default();
        Self { clock, known }
    }

    /// What to leave out of a payer's next call.
    pub(crate) fn of(&self, payer: Payer) -> FieldSet {
        let (Payer::Token(account), now) = (payer, self.clock.now()) else {
            return FieldSet::default();
        };
        let known = self.known();
        let fields = known.get(&account).into_iter().flatten();
        let lasting = fields.filter(|(_, end)| is_ahead(*end, now));
        lasting.fold(FieldSet::default(), |set, (field, _)| set.with(*field))
    }

    /// These fields were refused.
    pub(crate) fn note(&self, payer: Payer, refused: FieldSet) {
        for field in refused.iter().map(Field::as_str) {
            metrics::counter!("vitrine_instagram_fields_refused_total", "field" => field).increment(1);
        }
        let Payer::Token(account) = payer else {
            tracing::warn!(fields = ?refused, "instagram refuses fields of a token that is being connected");
            return;
        };
        let lasts = LEFT_OUT_FOR.as_secs();
        tracing::warn!(account.id = %account, fields = ?refused, left_out_seconds = lasts, "instagram refuses fields of an account: they are left out for a while");
        self.remember(account, refused);
    }

    /// Without the professional id an account cannot be told from another, so it is always asked for.
    fn remember(&self, account: AccountId, refused: FieldSet) {
        let (now, mut known) = (self.clock.now(), self.known());
        if known.len() >= REMEMBERED {
            known.retain(|_, fields| fields.iter().any(|(_, end)| is_ahead(*end, now)));
        }
        if known.len() >= REMEMBERED {
            known.clear();
        }
        let end = later(now, LEFT_OUT_FOR);
        let fields = known.entry(account).or_default();
        fields.retain(|(field, end)| is_ahead(*end, now) && !refused.contains(*field));
        let rememberable = refused.iter().filter(|field| *field != Field::UserId);
        fields.extend(rememberable.map(|field| (field, end)));
    }

    fn known(&self) -> MutexGuard<'_, RefusedFields> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An end further away was written by a clock that has been set back since.
fn is_ahead(end: Time, now: Time) -> bool {
    end > now && end <= later(now, LEFT_OUT_FOR)
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrine_base::clock::TestClock;

    #[test]
    fn a_field_is_left_out_for_its_account_alone_and_for_a_while() {
        let clock = TestClock::new();
        let left_out = SkippedFields::new(Arc::new(clock.clone()));
        let [one, other] = [(); 2].map(|()| Payer::Token(AccountId::generate()));
        let (children, caption) = (FieldSet::of(&[Field::Children]), FieldSet::of(&[Field::Caption]));

        left_out.note(one, children);
        clock.advance(LEFT_OUT_FOR / 2);
        left_out.note(one, caption);
        left_out.note(Payer::App, caption);

        assert_eq!(left_out.of(one), children.or(caption));
        assert_eq!(left_out.of(other), FieldSet::default());
        assert_eq!(left_out.of(Payer::App), FieldSet::default());
        clock.advance(LEFT_OUT_FOR / 2);
        assert_eq!(left_out.of(one), caption);
        clock.advance(LEFT_OUT_FOR / 2);
        assert_eq!(left_out.of(one), FieldSet::default());
    }
}
