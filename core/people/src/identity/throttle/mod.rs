//! How often somebody may fail to sign in, and how often a network may register.
//!
//! The rule, in windows of a quarter of an hour:
//! - From a network (an IPv4 address, an IPv6 /64) fifty tries may fail, whoever is tried: as long as it is one that
//!   the owner of the tried address never signed in from.
//! - For one mail address, whether somebody has it or not, ten tries may fail from networks that its owner never
//!   signed in from. Then such networks are asked to wait for the end of the window, also with the right password,
//!   which bounds guessing from any number of machines.
//! - From a network that the owner signed in from in the last 90 days, or chose a new password from by a link in a
//!   email, twenty tries may fail for that owner. They are counted for owner and network alone: what neighbours on
//!   the same network fail at elsewhere does not count.
//!
//! So nobody elsewhere can lock somebody out: whoever fails on purpose stops strangers only. The owner at home or at
//! work is counted apart, open sessions are not looked at, and on a new network a link by mail makes it a known one.
//! Only somebody on the owner's own network, who fails there at the owner's own address, makes it wait.
//! A try is counted before it is judged, so that many at once count as many, and given back when it succeeds.
//!
//! Registrations are counted by network too, in windows of an hour: before anything is done for them, and whatever
//! comes of it. Passwords that are chosen otherwise are counted by person, in windows of a quarter of an hour, once
//! the link or the present password was right: whoever knows neither uses up nothing, also not on the same network.
//! Sign-ins that succeed are counted by person and day, because each is kept for a while. Codes of a second factor are counted by person and day, once many were
//! wrong: see `wrong_codes`.

mod attempts;
mod counter;
mod known_networks;
mod local;

pub(super) use attempts::Attempts;
pub use counter::AttemptCounter;

use super::{AttemptLimit, IdentityError};
use vitrine_entity::Time;
use vitrine_limits::counters::Window;

const BY_NETWORK: i64 = 50;
const BY_STRANGERS: i64 = 10;
const BY_ACQUAINTANCES: i64 = 20;
const CHOICES_BY_PERSON: i64 = 20;
const SIGN_INS_A_DAY: i64 = 500;
const CODES_A_DAY: i64 = 10;

/// Judges whether a try may be made.
#[derive(Clone, Debug, Default)]
struct Throttle {
    counter: AttemptCounter,
}

/// Who tries what.
#[derive(Clone, Debug)]
struct Attempt {
    /// Mark of the network, as far as there is one.
    network: Option<String>,
    /// Mark of the mail address.
    email: String,
    /// Whether the owner of the address was on that network before.
    known: bool,
}

/// By what somebody may choose a new password. Each is counted apart, so that whoever has only one of them cannot use
/// up what the owner may choose by the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChosenBy {
    /// A link in an email.
    Link,
    /// The present password.
    Password,
}

impl ChosenBy {
    fn as_str(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Password => "password",
        }
    }
}

/// A try that was counted.
#[derive(Debug)]
struct Counted {
    keys: Vec<String>,
    window: Window,
}

impl Throttle {
    fn new(counter: AttemptCounter) -> Self {
        Self { counter }
    }

    /// Counts a try.
    ///
    /// # Errors
    /// [`IdentityError::TooManyTries`] when it is one too many; it must then not be judged.
    async fn begin(&self, wanted: &Attempt, now: Time) -> Result<Counted, IdentityError> {
        self.count(limits(wanted), Window::quarter_hour(now)).await
    }

    /// Counts a registration from a network.
    ///
    /// # Errors
    /// [`IdentityError::TooManyRegistrations`] when it is one too many; nothing may then be done for it.
    async fn begin_registration(
        &self,
        network: &str,
        most: u32,
        now: Time,
    ) -> Result<Counted, IdentityError> {
        let limit = (format!("register:{network}"), i64::from(most));
        let counted = self.count(vec![limit], Window::hour(now)).await;
        counted.map_err(|error| match error {
            IdentityError::TooManyTries(bound) => IdentityError::TooManyRegistrations(bound),
            other => other,
        })
    }

    /// Counts that a person chooses a password.
    ///
    /// # Errors
    /// [`IdentityError::TooManyTries`] when it is one too many; nothing may then be done for it.
    async fn begin_choice(&self, by: ChosenBy, person: &str, now: Time) -> Result<Counted, IdentityError> {
        let limit = (format!("choice:{}:{person}", by.as_str()), CHOICES_BY_PERSON);
        self.count(vec![limit], Window::quarter_hour(now)).await
    }

    /// Counts a sign-in of somebody who has proved to be themselves.
    ///
    /// # Errors
    /// [`IdentityError::TooManyTries`] when it is one too many of the day.
    async fn begin_sign_in(&self, user: &str, now: Time) -> Result<Counted, IdentityError> {
        let limit = (format!("signed-in:{user}"), SIGN_INS_A_DAY);
        self.count(vec![limit], Window::day(now)).await
    }

    /// Counts a code of a person's authenticator, after many wrong ones.
    ///
    /// # Errors
    /// [`IdentityError::TooManyTries`] when it is one too many of the day; it must then not be judged.
    async fn begin_code(&self, user: &str, now: Time) -> Result<Counted, IdentityError> {
        let limit = (format!("code:{user}"), CODES_A_DAY);
        self.count(vec![limit], Window::day(now)).await
    }

    async fn count(&self, limits: Vec<(String, i64)>, window: Window) -> Result<Counted, IdentityError> {
        let mut counted = Counted {
            keys: Vec::new(),
            window,
        };
        for (key, most) in limits {
            let sum = self.counter.add(&key, window, 1).await;
            counted.keys.push(key);
            if sum > most {
                // What is refused was not judged, so it counts for nothing.
                self.refund(counted).await;
                return Err(IdentityError::TooManyTries(AttemptLimit::of(window, most)));
            }
        }
        Ok(counted)
    }

    /// Takes a try back that did not fail.
    async fn refund(&self, counted: Counted) {
        for key in &counted.keys {
            self.counter.add(key, counted.window, -1).await;
        }
    }
}

fn limits(wanted: &Attempt) -> Vec<(String, i64)> {
    let strangers = (format!("strangers:{}", wanted.email), BY_STRANGERS);
    match &wanted.network {
        Some(network) if wanted.known => {
            vec![(format!("known:{}:{network}", wanted.email), BY_ACQUAINTANCES)]
        }
        Some(network) => vec![(format!("network:{network}"), BY_NETWORK), strangers],
        None => vec![strangers],
    }
}

#[cfg(test)]
mod tests;
