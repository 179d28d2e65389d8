//! The authenticator in a person's hand.

use crate::support::Installation;
use chrono::{DateTime, Utc};
use std::time::Duration;
use totp_rs::{Builder, Secret};

/// The code that it shows.
pub(crate) fn code(vitrine: &Installation, secret: &str) -> String {
    code_at(secret, vitrine.simulator.clock().now())
}

pub(crate) fn code_at(secret: &str, now: DateTime<Utc>) -> String {
    let totp = Builder::new()
        .with_secret(Secret::try_from_base32(secret).unwrap())
        .with_account_name("ada@example.com")
        .build()
        .unwrap();
    totp.generate(now.timestamp().try_into().unwrap()).to_string()
}

/// Waits for its next code.
pub(crate) async fn next(vitrine: &Installation) {
    vitrine.advance(Duration::from_secs(31)).await;
}

/// What it keeps.
pub(crate) fn bytes(secret: &str) -> Vec<u8> {
    Secret::try_from_base32(secret).unwrap().as_bytes().to_vec()
}
