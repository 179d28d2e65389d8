//! People and their sign-ins.

use std::sync::Arc;

use vitrine_people::identity::{AttemptCounter, Identity, IdentitySettings};

use super::engines::Engines;
use super::parts::Parts;
use crate::config::Settings;

/// One for a process, since it has threads of its own.
pub(super) fn identity(settings: &Settings, parts: &Parts) -> Identity {
    let wanted = IdentitySettings {
        issuer: parts.public_url.to_string(),
        signup_enabled: settings.signup.enabled,
        registrations_per_hour: settings.signup.per_network_per_hour,
    };
    Identity::new(
        parts.engines.database.clone(),
        Arc::clone(&parts.clock),
        &parts.ring,
        attempt_counter(settings, &parts.engines),
        wanted,
    )
}

/// Processes that share a Redis count failed sign-ins together.
fn attempt_counter(settings: &Settings, engines: &Engines) -> AttemptCounter {
    match &engines.redis {
        Some(redis) => AttemptCounter::over_redis(redis.clone(), &settings.redis.prefix),
        None => AttemptCounter::alone(),
    }
}
