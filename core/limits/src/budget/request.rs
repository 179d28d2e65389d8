//! What the books are asked.

use super::{CallClass, Payer, RecordedUse};
use vitrine_base::random;

/// Who asks for a unit and what for, and what the process that asks knows itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request {
    pub(super) payer: Payer,
    pub(super) class: CallClass,
    /// What is known of the payer's hour.
    pub(super) known: RecordedUse,
    /// What is known of the app's hour.
    pub(super) known_of_app: RecordedUse,
    /// From 0 to 1: decides whether the call is put off while the platform's limit is close.
    pub(super) dice: f64,
}

impl Request {
    /// A request of a process that knows nothing of the app's hour. The dice are thrown once, so that books which are
    /// asked after others decide the same.
    pub(super) fn new(payer: Payer, class: CallClass, known: RecordedUse) -> Self {
        Self {
            payer,
            class,
            known,
            known_of_app: RecordedUse::default(),
            dice: random::fraction(),
        }
    }

    /// The same, of a process that knows of the app's hour.
    pub(super) fn knowing_of_app(self, known_of_app: RecordedUse) -> Self {
        Self { known_of_app, ..self }
    }
}
