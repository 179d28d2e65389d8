//! Leasing jobs.

use std::time::Duration;

use bytes::Bytes;

use super::{RedisStore, milliseconds, stored::StoredJob};
use crate::{
    ClassName, QueueError,
    meters::{self, Damage},
    store::{Batch, FetchRequest, Leased, lease_key},
};

/// The most a single script hands out.
const MOST: usize = 500;

/// Ids, stored jobs, milliseconds to the next event or -1, expired leases, unreadable jobs, keys set aside, whether
/// there are jobs that are nowhere, and jobs taken back from fetches that nobody heard the answer of.
type Answer = (Vec<String>, Vec<Bytes>, i64, u64, u64, u64, bool, u64);

impl RedisStore {
    /// See [`Store::fetch`](crate::store::Store::fetch).
    pub(super) async fn fetch_jobs(
        &self,
        class: &ClassName,
        order: FetchRequest,
    ) -> Result<Batch, QueueError> {
        let mark = self.next_mark();
        let (ids, values, next, expired, unreadable, set_aside, adrift, taken_back) =
            self.ask_for_jobs(class, order, &mark).await?;
        if taken_back > 0 {
            tracing::warn!(job.class = %class, jobs = taken_back, "took back jobs that Redis had handed out too late");
        }
        Self::warn_set_aside(class, set_aside);
        Self::warn_unreadable(class, unreadable);
        if adrift {
            self.mend_or_warn(class).await;
        }
        let jobs = ids
            .into_iter()
            .zip(values)
            .filter_map(|(id, value)| leased(&mark, id, value))
            .collect();
        let next_due = u64::try_from(next).ok().map(Duration::from_millis);
        Ok(Batch {
            jobs,
            next_due,
            expired,
        })
    }

    /// Remembers the mark of a fetch whose answer was not heard, so that the next one takes its jobs back.
    async fn ask_for_jobs(
        &self,
        class: &ClassName,
        order: FetchRequest,
        mark: &str,
    ) -> Result<Answer, QueueError> {
        let lost_fetches = self.lost_fetches.of(class);
        let mut invocation = self.call(&self.scripts.fetch, class);
        invocation
            .arg(mark)
            .arg(order.most.min(MOST))
            .arg(milliseconds(order.lease))
            .arg(order.max_attempts)
            .arg(self.dead_letters)
            .arg(&lost_fetches);
        let answer = self.invoke::<Answer>("hand out jobs", class, &invocation).await;
        let answer = answer.inspect_err(|error| self.lost_fetches.note(class, mark, error))?;
        self.lost_fetches.settle(class, &lost_fetches);
        Ok(answer)
    }

    fn warn_unreadable(class: &ClassName, jobs: u64) {
        if jobs > 0 {
            meters::damaged(class, Damage::Unreadable, jobs);
            tracing::error!(job.class = %class, jobs, "unreadable jobs went to the dead letters");
        }
    }

    /// What was handed out must not be lost over it: the next fetch sees the same.
    async fn mend_or_warn(&self, class: &ClassName) {
        if let Err(error) = self.mend(class).await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(job.class = %class, error, "could not repair a class of jobs");
        }
    }
}

/// The script has checked the stored form already.
fn leased(mark: &str, id: String, value: Bytes) -> Option<Leased> {
    let StoredJob {
        attempts,
        group,
        payload,
    } = StoredJob::read(value)?;
    Some(Leased {
        lease: lease_key(mark, &id),
        id: id.into(),
        group,
        payload,
        attempts,
    })
}
