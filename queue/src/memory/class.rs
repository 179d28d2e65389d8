//! The state of one class.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, hash_map::Entry},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use tokio::time::Instant;

use super::{backlog::Backlog, dead::DeadLetters};
use crate::{
    ClassStats, DeadLetter, DeadSelection, GroupKey, JobId, NewJob,
    store::{Batch, Disposition, FetchRequest, LeaseKey, Leased, Settlement, lease_key},
};

/// A hundred years: far beyond any wait that makes sense, and within the clock's range.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

struct Job {
    group: GroupKey,
    payload: Bytes,
    attempts: u32,
    ready_at: Instant,
}

struct Lease {
    id: JobId,
    until: Instant,
}

/// Everything known of a class. Each job is in exactly one of the backlog, the delayed and the leased.
pub(super) struct ClassState {
    jobs: HashMap<JobId, Job>,
    ready: Backlog,
    delayed: BTreeMap<(Instant, u64), JobId>,
    leases: HashMap<LeaseKey, Lease>,
    deadlines: BTreeSet<(Instant, LeaseKey)>,
    pub(super) dead: DeadLetters,
    paused: bool,
    counter: u64,
    news: bool,
}

impl ClassState {
    pub(super) fn new(dead_letters: usize) -> Self {
        Self {
            jobs: HashMap::new(),
            ready: Backlog::default(),
            delayed: BTreeMap::new(),
            leases: HashMap::new(),
            deadlines: BTreeSet::new(),
            dead: DeadLetters::new(dead_letters),
            paused: false,
            counter: 0,
            news: false,
        }
    }

    /// Whether waiting workers should look again; asked once after each change.
    pub(super) fn take_news(&mut self) -> bool {
        std::mem::take(&mut self.news)
    }

    /// Adds a job unless its id is taken.
    pub(super) fn push(&mut self, new: &NewJob, now: Instant) -> bool {
        let Entry::Vacant(place) = self.jobs.entry(new.id.clone()) else {
            return false;
        };
        place.insert(Job {
            group: new.group.clone(),
            payload: new.payload.clone(),
            attempts: 0,
            ready_at: now,
        });
        self.line_up(new.id.clone(), new.delay, now);
        true
    }

    /// Leases jobs, taking back first what is due and what ran out.
    pub(super) fn fetch(&mut self, order: FetchRequest, now: Instant) -> Batch {
        if self.paused {
            return Batch::default();
        }
        let expired = self.take_back_expired(order.max_attempts, now);
        let promoted = self.promote_due(now);
        let mut jobs = Vec::new();
        self.counter += 1;
        let mark = self.counter.to_string();
        while jobs.len() < order.most {
            let Some(id) = self.ready.take() else { break };
            jobs.extend(self.lease(&mark, id, now + order.lease));
        }
        self.news = promoted + expired > 0 && self.ready.len() > 0;
        Batch {
            jobs,
            next_due: self.next_due(now),
            expired,
        }
    }

    /// Ends a lease; false when it was gone.
    pub(super) fn settle(&mut self, end: &Settlement, now: Instant) -> bool {
        let Some(lease) = self.end_lease(&end.lease) else {
            return false;
        };
        match &end.disposition {
            Disposition::Done => drop(self.jobs.remove(&lease.id)),
            Disposition::Later(after) => self.line_up(lease.id, *after, now),
            Disposition::Again(after) => {
                self.count_attempt(&lease.id);
                self.line_up(lease.id, *after, now);
            }
            Disposition::Bury(reason) => {
                self.count_attempt(&lease.id);
                self.bury(lease.id, reason.clone());
            }
            Disposition::Release => self.put_back(lease.id),
        }
        true
    }

    /// Moves the end of a lease; false when it is gone.
    pub(super) fn renew(&mut self, key: &LeaseKey, until: Instant) -> bool {
        let Some(lease) = self.leases.get_mut(key) else {
            return false;
        };
        self.deadlines.remove(&(lease.until, key.clone()));
        lease.until = until;
        self.deadlines.insert((until, key.clone()));
        true
    }

    pub(super) fn stats(&self, now: Instant) -> ClassStats {
        let oldest = self
            .ready
            .heads()
            .filter_map(|id| self.jobs.get(id))
            .map(|job| job.ready_at)
            .min();
        ClassStats {
            ready: self.ready.len() as u64,
            delayed: self.delayed.len() as u64,
            leased: self.leases.len() as u64,
            dead: self.dead.len() as u64,
            oldest_ready_age: oldest.map(|since| now.saturating_duration_since(since)),
        }
    }

    /// Makes dead letters ready again; those whose id is taken are dropped.
    pub(super) fn redrive(&mut self, which: DeadSelection<'_>, now: Instant) -> usize {
        let mut again = 0;
        for letter in self.dead.take(which) {
            let DeadLetter {
                id, group, payload, ..
            } = letter;
            if let Entry::Vacant(place) = self.jobs.entry(id.clone()) {
                place.insert(Job {
                    group,
                    payload,
                    attempts: 0,
                    ready_at: now,
                });
                self.line_up(id, Duration::ZERO, now);
                again += 1;
            }
        }
        again
    }

    pub(super) fn set_paused(&mut self, paused: bool) {
        self.paused = paused;
        self.news = !paused;
    }

    pub(super) fn is_paused(&self) -> bool {
        self.paused
    }

    fn line_up(&mut self, id: JobId, after: Duration, now: Instant) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        job.ready_at = now + after.min(LONGEST);
        if after.is_zero() {
            self.ready.append(&job.group, id);
        } else {
            self.counter += 1;
            self.delayed.insert((job.ready_at, self.counter), id);
        }
        self.news = true;
    }

    fn put_back(&mut self, id: JobId) {
        if let Some(job) = self.jobs.get(&id) {
            self.ready.put_back(&job.group, id);
            self.news = true;
        }
    }

    fn promote_due(&mut self, now: Instant) -> u64 {
        let mut promoted = 0;
        while let Some(first) = self.delayed.first_entry().filter(|entry| entry.key().0 <= now) {
            let id = first.remove();
            if let Some(job) = self.jobs.get(&id) {
                self.ready.append(&job.group, id);
                promoted += 1;
            }
        }
        promoted
    }

    fn take_back_expired(&mut self, max_attempts: u32, now: Instant) -> u64 {
        let mut expired = 0;
        while let Some((_, key)) = self.deadlines.first().filter(|(until, _)| *until <= now).cloned() {
            let Some(lease) = self.end_lease(&key) else { break };
            expired += 1;
            if self.count_attempt(&lease.id) >= max_attempts {
                self.bury(
                    lease.id,
                    format!("attempt {max_attempts} of {max_attempts}: its lease ran out"),
                );
            } else {
                self.line_up(lease.id, Duration::ZERO, now);
            }
        }
        expired
    }

    fn lease(&mut self, mark: &str, id: JobId, until: Instant) -> Option<Leased> {
        let job = self.jobs.get(&id)?;
        let key = lease_key(mark, id.as_str());
        self.deadlines.insert((until, key.clone()));
        self.leases.insert(
            key.clone(),
            Lease {
                id: id.clone(),
                until,
            },
        );
        Some(Leased {
            lease: key,
            id,
            group: job.group.clone(),
            payload: job.payload.clone(),
            attempts: job.attempts,
        })
    }

    fn end_lease(&mut self, key: &LeaseKey) -> Option<Lease> {
        let lease = self.leases.remove(key)?;
        self.deadlines.remove(&(lease.until, key.clone()));
        Some(lease)
    }

    fn count_attempt(&mut self, id: &JobId) -> u32 {
        self.jobs.get_mut(id).map_or(0, |job| {
            job.attempts += 1;
            job.attempts
        })
    }

    fn bury(&mut self, id: JobId, reason: String) {
        if let Some(Job {
            group,
            payload,
            attempts,
            ..
        }) = self.jobs.remove(&id)
        {
            let died_at = SystemTime::now();
            self.dead.add(DeadLetter {
                id,
                group,
                payload,
                attempts,
                reason,
                died_at,
            });
        }
    }

    fn next_due(&self, now: Instant) -> Option<Duration> {
        let delayed = self.delayed.first_key_value().map(|((at, _), _)| *at);
        let lease = self.deadlines.first().map(|(at, _)| *at);
        let next = delayed.into_iter().chain(lease).min()?;
        Some(next.saturating_duration_since(now))
    }
}
