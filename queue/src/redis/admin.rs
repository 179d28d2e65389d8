//! What operators ask for.

use std::time::Duration;

use bytes::Bytes;

use super::{RedisStore, stored::read_dead};
use crate::{ClassName, ClassStats, DeadLetter, DeadSelection, QueueError};

/// The most dead letters that one script moves.
const CHUNK: usize = 100;

impl RedisStore {
    /// See [`Store::stats`](crate::store::Store::stats).
    pub(super) async fn count(&self, class: &ClassName) -> Result<ClassStats, QueueError> {
        let invocation = self.call(&self.scripts.stats, class);
        let (ready, delayed, leased, dead, age): (u64, u64, u64, u64, i64) =
            self.invoke("count jobs", class, &invocation).await?;
        let oldest_ready_age = u64::try_from(age).ok().map(Duration::from_millis);
        Ok(ClassStats {
            ready,
            delayed,
            leased,
            dead,
            oldest_ready_age,
        })
    }

    /// See [`Store::dead`](crate::store::Store::dead).
    pub(super) async fn newest_dead(
        &self,
        class: &ClassName,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, QueueError> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let mut invocation = self.call(&self.scripts.dead, class);
        invocation.arg(limit.min(self.dead_letters));
        let found: Vec<(String, f64, Bytes)> = self.invoke("list dead letters", class, &invocation).await?;
        Ok(found
            .into_iter()
            .map(|(id, died, record)| read_dead(id, died, record))
            .collect())
    }

    /// Redrives or discards dead letters, a bounded number in each step.
    pub(super) async fn take_dead(
        &self,
        order: &'static str,
        class: &ClassName,
        which: DeadSelection<'_>,
    ) -> Result<usize, QueueError> {
        let mut counted = 0;
        match which {
            DeadSelection::Ids(ids) => {
                for some in ids.chunks(CHUNK) {
                    let ids: Vec<&str> = some.iter().map(AsRef::as_ref).collect();
                    counted += self.take_some(order, class, 0, &ids).await?.1;
                }
            }
            DeadSelection::All => {
                // Counted beforehand: letters that die again meanwhile must not keep this going.
                let mut left = self.count(class).await?.dead as usize;
                while left > 0 {
                    let (taken, some) = self.take_some(order, class, left.min(CHUNK), &[]).await?;
                    counted += some;
                    left = if taken == 0 { 0 } else { left.saturating_sub(taken) };
                }
            }
        }
        Ok(counted)
    }

    async fn take_some(
        &self,
        order: &'static str,
        class: &ClassName,
        oldest: usize,
        ids: &[&str],
    ) -> Result<(usize, usize), QueueError> {
        let mut invocation = self.call(&self.scripts.take_dead, class);
        invocation.arg(order).arg(oldest).arg(ids);
        let (taken, counted, set_aside): (usize, usize, u64) =
            self.invoke("move dead letters", class, &invocation).await?;
        Self::warn_set_aside(class, set_aside);
        Ok((taken, counted))
    }

    /// See [`Store::set_paused`](crate::store::Store::set_paused).
    pub(super) async fn mark_paused(&self, class: &ClassName, paused: bool) -> Result<(), QueueError> {
        let keys = self.keys(class);
        let (mark, wakeup) = (&keys[6], &keys[8]);
        if paused {
            return self
                .client
                .query("pause a class", redis::cmd("SET").arg(mark).arg("1"))
                .await;
        }
        let _: u64 = self
            .client
            .query("resume a class", redis::cmd("DEL").arg(mark))
            .await?;
        let _: u64 = self
            .client
            .query("wake workers", redis::cmd("PUBLISH").arg(wakeup).arg(""))
            .await?;
        Ok(())
    }

    /// See [`Store::is_paused`](crate::store::Store::is_paused).
    pub(super) async fn read_paused(&self, class: &ClassName) -> Result<bool, QueueError> {
        let keys = self.keys(class);
        self.client
            .query("read a pause", redis::cmd("EXISTS").arg(&keys[6]))
            .await
    }
}
