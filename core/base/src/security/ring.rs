//! The keys that a process holds in memory.

use super::{
    MasterKey,
    data_key::{DataKey, initial_keys},
};
use crate::clock::{SharedClock, later};
use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};
use vitrine_entity::{Time, sealing_key::KeyUse};
use zeroize::Zeroizing;

/// For so long after a rotation workers look whether something is left under the old key.
const LATELY: Duration = Duration::from_hours(24);

/// The installation's own keys; clones share them. A [`super::KeyManager`] reads them and keeps them fresh.
#[derive(Clone)]
pub struct KeyRing {
    keys: Arc<RwLock<Arc<KeySet>>>,
    clock: SharedClock,
}

/// A key for one purpose, with its public name.
pub struct Derived {
    pub id: String,
    pub secret: Zeroizing<[u8; 32]>,
}

impl KeyRing {
    /// The ring that a database has which was set up before it kept keys of its own: everything came from the
    /// master key itself.
    #[must_use]
    pub fn from_master_key(master: &MasterKey, clock: SharedClock) -> Self {
        let [seal, sign, lasting] = initial_keys(master, clock.now()).map(OfUse::alone);
        let keys = KeySet { seal, sign, lasting };
        Self::new(keys, clock)
    }

    pub(super) fn new(keys: KeySet, clock: SharedClock) -> Self {
        Self {
            keys: Arc::new(RwLock::new(Arc::new(keys))),
            clock,
        }
    }

    pub(super) fn replace(&self, keys: KeySet) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
    }

    /// The root of what can never be made anew; every rotation leaves it as it is.
    #[must_use]
    pub fn lasting(&self) -> MasterKey {
        self.with_active(KeyUse::Lasting, |key| key.secret().clone())
    }

    /// Name of the key under which secrets are now sealed.
    pub(super) fn active_seal(&self) -> String {
        self.with_active(KeyUse::Seal, |key| key.id.clone())
    }

    /// Whether another key sealed until a short while ago.
    pub(super) fn was_renewed_lately(&self) -> bool {
        let (keys, now) = (self.snapshot(), self.clock.now());
        let mut retired = keys.seal.all().filter_map(|key| key.retired_at);
        retired.any(|retired| retired <= now && now < later(retired, LATELY))
    }

    /// The key under which things are now done.
    pub fn active(&self, key_use: KeyUse, purpose: &str) -> Derived {
        self.with_active(key_use, |key| derived(key, purpose))
    }

    /// The key of this name, if this process has it.
    pub fn named(&self, key_use: KeyUse, id: &str, purpose: &str) -> Option<Derived> {
        let keys = self.snapshot();
        let key = keys.of_use(key_use).all().find(|key| key.id == id)?;
        Some(derived(key, purpose))
    }

    /// The keys that sign, and those that did until `grace` ago, newest first.
    pub fn accepted(&self, purpose: &str, grace: Duration) -> Vec<Derived> {
        let (keys, now) = (self.snapshot(), self.clock.now());
        keys.sign
            .all()
            .filter(|key| key.retired_at.is_none_or(|retired| now < later(retired, grace)))
            .map(|key| derived(key, purpose))
            .collect()
    }

    fn with_active<T>(&self, key_use: KeyUse, take: impl Fn(&DataKey) -> T) -> T {
        let keys = self.snapshot();
        take(keys.of_use(key_use).active(self.clock.now()))
    }

    fn snapshot(&self) -> Arc<KeySet> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("KeyRing(…)")
    }
}

fn derived(key: &DataKey, purpose: &str) -> Derived {
    Derived {
        id: key.id.clone(),
        secret: key.derive(purpose),
    }
}

/// At least one key of each use.
pub(super) struct KeySet {
    seal: OfUse,
    sign: OfUse,
    lasting: OfUse,
}

impl KeySet {
    /// Keys that come oldest first; none when a use has none.
    pub(super) fn of(keys: Vec<DataKey>) -> Option<Self> {
        let mut uses = [KeyUse::Seal, KeyUse::Sign, KeyUse::Lasting].map(|key_use| (key_use, None));
        for key in keys {
            let place = uses.iter_mut().find(|(key_use, _)| *key_use == key.key_use)?;
            OfUse::put(&mut place.1, key);
        }
        let [(_, seal), (_, sign), (_, lasting)] = uses;
        Some(Self {
            seal: seal?,
            sign: sign?,
            lasting: lasting?,
        })
    }

    fn of_use(&self, key_use: KeyUse) -> &OfUse {
        match key_use {
            KeyUse::Seal => &self.seal,
            KeyUse::Sign => &self.sign,
            KeyUse::Lasting => &self.lasting,
        }
    }
}

/// The keys of one use, oldest first.
struct OfUse {
    oldest: DataKey,
    newer: Vec<DataKey>,
}

impl OfUse {
    fn alone(oldest: DataKey) -> Self {
        Self {
            oldest,
            newer: Vec::new(),
        }
    }

    fn put(place: &mut Option<Self>, key: DataKey) {
        match place {
            Some(keys) => keys.newer.push(key),
            None => *place = Some(Self::alone(key)),
        }
    }

    fn all(&self) -> impl Iterator<Item = &DataKey> {
        self.newer.iter().rev().chain(std::iter::once(&self.oldest))
    }

    /// The newest key that every process knows by now; after a clock went back, the oldest.
    fn active(&self, now: Time) -> &DataKey {
        self.all()
            .find(|key| key.active_from <= now)
            .unwrap_or(&self.oldest)
    }
}
