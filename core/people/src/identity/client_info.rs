//! From where somebody asks.

use chrono::TimeDelta;
use std::net::IpAddr;
use vitrine_base::security::MasterKey;
use vitrine_entity::UserId;

/// A network is known for so long after it was last signed in from.
pub(super) const KNOWN_FOR: TimeDelta = TimeDelta::days(90);

/// From where and with what somebody asks.
#[derive(Clone, Debug, Default)]
pub struct ClientInfo {
    /// The browser or program, as it calls itself.
    pub user_agent: Option<String>,
    /// Its address.
    pub address: Option<IpAddr>,
}

/// Recognises networks without remembering addresses: of each person's networks a keyed hash is kept, which tells
/// nothing to whoever has the database alone.
#[derive(Clone)]
pub(super) struct Networks {
    key: [u8; 32],
}

impl Networks {
    pub(super) fn new(master: &MasterKey) -> Self {
        Self {
            key: master.derive("vitrine 2026 networks"),
        }
    }

    /// The mark of a person's network.
    pub(super) fn of_person(&self, user: UserId, client: &ClientInfo) -> Option<String> {
        client
            .address
            .map(|address| self.mark(user.0.as_bytes(), address))
    }

    /// The mark of a network, whoever asks.
    pub(super) fn of_anybody(&self, client: &ClientInfo) -> Option<String> {
        client.address.map(|address| self.mark(b"anybody", address))
    }

    /// The mark of a mail address.
    pub(super) fn of_email(&self, email: &str) -> String {
        blake3::keyed_hash(&self.key, email.as_bytes()).to_hex()[..32].to_owned()
    }

    /// Of IPv6 a household has a whole network, whose first half is its own.
    fn mark(&self, whose: &[u8], address: IpAddr) -> String {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(whose);
        match address.to_canonical() {
            IpAddr::V4(address) => hasher.update(&address.octets()),
            IpAddr::V6(address) => hasher.update(&address.octets()[..8]),
        };
        hasher.finalize().to_hex()[..32].to_owned()
    }
}
