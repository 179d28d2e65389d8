//! Trouble by order: which calls it strikes, and what it does to their answers.

mod cut;
mod duration_text;
mod named;
mod rules;

pub(crate) use cut::Cut;
pub use named::NamedError;
pub(crate) use named::throttle;
pub(crate) use rules::Faults;
pub use rules::{FaultAction, FaultRule};
