//! What an operator can see of a class.

use std::time::{Duration, SystemTime};

use bytes::Bytes;

use crate::{GroupKey, JobId};

/// The backlog of one class at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClassStats {
    /// Jobs that a worker could start now.
    pub ready: u64,
    /// Jobs held back until their time.
    pub delayed: u64,
    /// Jobs in the hands of workers, running or about to.
    pub leased: u64,
    /// Dead letters kept.
    pub dead: u64,
    /// How long the oldest ready job has been waiting, in whole seconds on Redis. Looks at the heads of at
    /// most 256 groups, so with more groups than that it may be too small.
    pub oldest_ready_age: Option<Duration>,
}

/// A job that ended for good without success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// The id it was pushed with.
    pub id: JobId,
    /// Its group; empty when the stored job could not be read.
    pub group: GroupKey,
    /// What was pushed; empty when the stored job could not be read.
    pub payload: Bytes,
    /// Attempts it had used up.
    pub attempts: u32,
    /// Why it ended.
    pub reason: String,
    /// When it ended, by the clock of the engine.
    pub died_at: SystemTime,
}

/// Which dead letters an order is about.
#[derive(Clone, Copy, Debug)]
pub enum DeadSelection<'a> {
    /// All that the class has.
    All,
    /// Those with these ids; ids without a dead letter are passed over.
    Ids(&'a [JobId]),
}
