//! People for tests of rules.

use crate::identity::{AttemptCounter, Identity, IdentitySettings, NewRegistration};
use std::{num::NonZeroU32, sync::Arc};
use vitrine_base::{
    security::{KeyRing, MasterKey},
    testing::Bed,
};

/// Ada's password.
pub const PASSWORD: &str = "correct horse battery";

/// Ada, who wants a space of her own.
#[must_use]
pub fn ada() -> NewRegistration {
    NewRegistration {
        email: "ada@example.com".into(),
        password: PASSWORD.into(),
        name: "Ada".into(),
        site_name: "a site".into(),
    }
}

/// People of a [`Bed`].
pub trait WithPeople {
    /// People, under a key that tests share.
    fn identity(&self) -> Identity;
}

impl WithPeople for Bed {
    fn identity(&self) -> Identity {
        let settings = IdentitySettings {
            issuer: "https://vitrine.example".to_owned(),
            signup_enabled: true,
            registrations_per_hour: NonZeroU32::MIN,
        };
        let clock = Arc::new(self.clock.clone());
        let ring = KeyRing::from_master_key(&MasterKey::from_bytes([1; 32]), clock.clone());
        Identity::new(
            self.database.clone(),
            clock,
            &ring,
            AttemptCounter::alone(),
            settings,
        )
    }
}
