//! The platform's state: accounts and their media, tokens and codes, its time, and what was changed.

mod account_changes;
mod call_log;
mod changes;
mod clock;
mod codes;
mod identifiers;
mod media_changes;
mod saved_state;
mod shelves;
mod state;
mod switches;
mod tokens;

pub use clock::SimulatorClock;
pub(crate) use codes::{Code, CodeRefusal};
pub(crate) use identifiers::{AccountIdForm, MediaKey, shortcode};
pub(crate) use saved_state::SavedState;
pub(crate) use state::Platform;
pub(crate) use switches::ModesView;
pub(crate) use tokens::{Claims, LONG_LIFE, TokenKind, fingerprint};
