//! The leases that a worker holds, from fetch to settlement.

use std::{
    collections::{HashMap, hash_map::Entry},
    pin::pin,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};
use tokio_util::sync::CancellationToken;

use crate::store::LeaseKey;

struct LeaseEntry {
    lost: CancellationToken,
    confirmed: Instant,
    settling: bool,
}

/// Every lease in hand. Room for further jobs is counted from here, so what waits to be settled while Redis is
/// away is bounded as well.
#[derive(Default)]
pub(super) struct LeaseTable {
    leases: Mutex<HashMap<LeaseKey, LeaseEntry>>,
    /// Wakes whoever waits when leases left.
    pub(super) left: Notify,
}

impl LeaseTable {
    /// Enters a lease taken at this time; the token is cancelled when it is lost.
    pub(super) fn enter(&self, key: LeaseKey, taken: Instant) -> CancellationToken {
        let lost = CancellationToken::new();
        let entered = LeaseEntry {
            lost: lost.clone(),
            confirmed: taken,
            settling: false,
        };
        self.leases().insert(key, entered);
        lost
    }

    /// How many leases are in hand.
    pub(super) fn len(&self) -> usize {
        self.leases().len()
    }

    /// Says that a settlement is on its way; false when the lease was lost before, and none should be sent.
    pub(super) fn settling(&self, key: &LeaseKey) -> bool {
        self.leases()
            .get_mut(key)
            .map(|entered| entered.settling = true)
            .is_some()
    }

    /// Removes leases whose settlement has arrived.
    pub(super) fn leave<'a>(&self, keys: impl IntoIterator<Item = &'a LeaseKey>) {
        let mut leases = self.leases();
        for key in keys {
            leases.remove(key);
        }
        drop(leases);
        self.left.notify_waiters();
    }

    /// All that are in hand.
    pub(super) fn keys(&self) -> Vec<LeaseKey> {
        self.leases().keys().cloned().collect()
    }

    /// Those whose settlement is not on its way.
    pub(super) fn unsettled(&self) -> Vec<LeaseKey> {
        let leases = self.leases();
        leases
            .iter()
            .filter(|(_, entered)| !entered.settling)
            .map(|(key, _)| key.clone())
            .collect()
    }

    /// Waits until no lease is in hand.
    pub(super) async fn empty(&self) {
        loop {
            let mut left = pin!(self.left.notified());
            left.as_mut().enable();
            if self.len() == 0 {
                return;
            }
            left.await;
        }
    }

    /// Takes in an answer to a renewal sent at this time; says how many leases it showed to be lost. A lease
    /// that is being settled may rightly be gone already.
    pub(super) fn renewed(&self, asked: &[LeaseKey], gone: &[LeaseKey], sent: Instant) -> usize {
        let mut leases = self.leases();
        let mut lost = 0;
        for key in gone {
            if let Entry::Occupied(entry) = leases.entry(key.clone())
                // Its settlement may have arrived before the renewal, which then finds nothing.
                && !entry.get().settling
            {
                entry.remove().lost.cancel();
                lost += 1;
            }
        }
        // Of those that are gone, only the ones that are being settled are still here, and their handlers have ended.
        for key in asked {
            if let Some(entered) = leases.get_mut(key) {
                entered.confirmed = sent;
            }
        }
        drop(leases);
        self.left.notify_waiters();
        lost
    }

    /// Warns the handlers of leases that were last confirmed this long ago: they may have run out.
    pub(super) fn warn_expiring(&self, lease: Duration) {
        for entered in self
            .leases()
            .values()
            .filter(|entered| entered.confirmed.elapsed() >= lease)
        {
            entered.lost.cancel();
        }
    }

    fn leases(&self) -> MutexGuard<'_, HashMap<LeaseKey, LeaseEntry>> {
        self.leases.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_lease_found_gone_is_lost_once_and_must_not_be_settled() {
        let lease_table = LeaseTable::default();
        let key: LeaseKey = "1:a".into();
        let lost = lease_table.enter(key.clone(), Instant::now());

        let counted = lease_table.renewed(
            std::slice::from_ref(&key),
            std::slice::from_ref(&key),
            Instant::now(),
        );

        assert_eq!(counted, 1);
        assert!(lost.is_cancelled());
        assert!(!lease_table.settling(&key));
        assert_eq!(lease_table.len(), 0);
    }

    #[tokio::test]
    async fn a_lease_that_is_gone_because_it_was_settled_is_not_lost() {
        let lease_table = LeaseTable::default();
        let key: LeaseKey = "1:a".into();
        let lost = lease_table.enter(key.clone(), Instant::now());
        assert!(lease_table.settling(&key));

        let counted = lease_table.renewed(
            std::slice::from_ref(&key),
            std::slice::from_ref(&key),
            Instant::now(),
        );

        assert_eq!(counted, 0);
        assert!(!lost.is_cancelled());
    }

    #[tokio::test]
    async fn a_lease_nobody_confirmed_in_time_is_doubted() {
        let lease_table = LeaseTable::default();
        let Some(long_ago) = Instant::now().checked_sub(Duration::from_secs(10)) else {
            panic!("the machine has just started");
        };
        let lost = lease_table.enter("1:a".into(), long_ago);

        lease_table.warn_expiring(Duration::from_secs(60));
        assert!(!lost.is_cancelled());
        lease_table.warn_expiring(Duration::from_secs(10));
        assert!(lost.is_cancelled());
    }
}
