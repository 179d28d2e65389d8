//! A local Instagram: OAuth, the Graph endpoints and the file host, with a clock that can be moved, faults
//! that can be ordered and a log of every call.
//!
//! It is written from Meta's documentation and from what was seen in the field, and shares no types with any
//! client, so that it cannot share a client's mistakes.
//!
//! ```no_run
//! # async fn example() -> Result<(), vitrine_simulator::SimulatorError> {
//! use vitrine_simulator::{Simulator, SimulatorSettings};
//!
//! let simulator = Simulator::start(SimulatorSettings::default()).await?;
//! let token = simulator.mint_token("vitrine.demo")?;
//! simulator.clock().advance(chrono::Duration::days(8));
//! simulator.stop().await?;
//! # let _ = token;
//! # Ok(())
//! # }
//! ```

mod accounts;
mod callbacks;
mod calls;
mod control;
mod dice;
mod error;
mod faults;
mod hosts;
mod locks;
mod media;
mod platform;
mod server;
mod settings;
mod wire;

pub use accounts::{AccountEdit, AccountType, AccountView, NewAccount, Revocation, demo_accounts};
pub use callbacks::{
    CallbackAnswer, CallbackVariant, SignedCallback, UserIdForm, WebhookCallback, WebhookEvent,
};
pub use calls::{CallFilter, CallRecord, CallReport, Endpoint};
pub use error::SimulatorError;
pub use faults::{FaultAction, FaultRule, NamedError};
pub use media::files::LinkLifetimes;
pub use media::{MediaEdit, MediaMix, MediaView, NewPost, PostKind};
pub use platform::SimulatorClock;
pub use server::{RunningSimulator, Simulator};
pub use settings::{SimulatorSettings, UsageLimits};
pub use wire::{
    Dialect, EarlyRefresh, Envelope, ExchangeId, MissingRole, Modes, PermissionsShape, RefreshedToken,
    UserIdType,
};
