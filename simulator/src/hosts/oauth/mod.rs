//! Consent and the exchange of a code for a token.

mod consent;
mod exchange;
mod page;
mod request;

pub(crate) use consent::{authorize, decide};
pub(crate) use exchange::exchange;
pub(crate) use page::escape;
