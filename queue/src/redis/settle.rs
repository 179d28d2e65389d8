//! Ending and renewing leases.

use std::time::Duration;

use super::{RedisStore, milliseconds};
use crate::{
    ClassName, QueueError,
    store::{Disposition, LeaseKey, Settlement},
};

/// Longer reasons are cut.
const REASON: usize = 1_000;

impl RedisStore {
    /// See [`Store::settle`](crate::store::Store::settle).
    pub(super) async fn settle_leases(
        &self,
        class: &ClassName,
        ends: &[Settlement],
    ) -> Result<usize, QueueError> {
        let mut invocation = self.call(&self.scripts.settle, class);
        invocation.arg(self.dead_letters);
        for end in ends {
            invocation.arg(&*end.lease);
            match &end.disposition {
                Disposition::Done => invocation.arg("d").arg(""),
                Disposition::Later(after) => invocation.arg("l").arg(milliseconds(*after)),
                Disposition::Again(after) => invocation.arg("a").arg(milliseconds(*after)),
                Disposition::Bury(reason) => invocation.arg("b").arg(cut(reason)),
                Disposition::Release => invocation.arg("r").arg(""),
            };
        }
        let (lost, set_aside): (usize, u64) = self.invoke("settle jobs", class, &invocation).await?;
        Self::warn_set_aside(class, set_aside);
        Ok(lost)
    }

    /// See [`Store::renew`](crate::store::Store::renew).
    pub(super) async fn renew_leases(
        &self,
        class: &ClassName,
        leases: &[LeaseKey],
        lease: Duration,
    ) -> Result<Vec<LeaseKey>, QueueError> {
        let mut invocation = self.call(&self.scripts.renew, class);
        invocation.arg(milliseconds(lease));
        for key in leases {
            invocation.arg(&**key);
        }
        let gone: Vec<String> = self.invoke("renew leases", class, &invocation).await?;
        Ok(gone.into_iter().map(LeaseKey::from).collect())
    }
}

fn cut(reason: &str) -> &str {
    &reason[..reason.floor_char_boundary(REASON)]
}
