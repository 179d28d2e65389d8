//! Client for Instagram's OAuth and Graph endpoints, in both dialects.
//!
//! [`Client`] makes one call per method, reads every answer shape that has been seen on the wire, and
//! sorts every refusal into a [`FailureKind`] that says what to do about it. It keeps no state but the
//! connection pool: budgets, retries, fields that are refused and the confirmation of dead tokens belong to the
//! caller.
//!
//! Ids are text throughout, because Instagram's numeric ids pass 2^53. Tokens, codes and the app secret
//! live in types that hide them from `Debug`; no URL, query string or body reaches an error, a log line,
//! a span or a metric.
//!
//! The process must install a rustls crypto provider before it builds a [`Client`].

mod answers;
mod client;
mod endpoint;
mod failure;
mod fields;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod outgoing;
mod refusals;
mod secret;
mod settings;
mod transport;
mod usage;

pub use answers::{
    grant::{LongLivedToken, ShortLivedGrant},
    link::link_expires_at,
    media::{MediaItem, MediaPage, MediaRequest, MediaType, UnusableEntry},
    profile::{AccountType, Profile},
};
pub use client::{Client, LoginPrompt};
pub use failure::{Failure, FailureKind, Misconfiguration, Refusal, ThrottleScope, TokenDeath};
pub use fields::{Field, FieldSet};
pub use outgoing::{BuildError, Outgoing, Refused, Timeouts, is_public};
pub use secret::{AccessToken, AuthorizationCode};
pub use settings::{
    ClientSettings, Dialect, ExchangeEncoding, Limits,
    version::{ApiVersion, InvalidApiVersion},
};
pub use usage::{Answer, Usage, UsagePercent};
