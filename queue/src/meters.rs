//! Numbers for the `metrics` facade. The only labels are the class, and the outcome or operation.

use std::time::Duration;

use metrics::{Counter, Histogram, counter, gauge, histogram};

use crate::{ClassName, ClassStats, Outcome};

/// The handles of one class, looked up once because the workers touch them at every job.
#[derive(Clone)]
pub(crate) struct ClassMeters {
    done: Counter,
    later: Counter,
    retry: Counter,
    discard: Counter,
    exhausted: Counter,
    run_seconds: Histogram,
    leases_lost: Counter,
    leases_expired: Counter,
}

impl ClassMeters {
    /// Looks the handles up in the recorder installed at this moment.
    pub(crate) fn new(class: &ClassName) -> Self {
        for damage in [Damage::Unreadable, Damage::ForeignKey, Damage::Adrift] {
            damaged(class, damage, 0);
        }
        let jobs = |outcome: &'static str| counter!("vitrine_queue_jobs_total", "class" => class.to_string(), "outcome" => outcome);
        Self {
            done: jobs("done"),
            later: jobs("later"),
            retry: jobs("retry"),
            discard: jobs("discard"),
            exhausted: jobs("exhausted"),
            run_seconds: histogram!("vitrine_queue_run_seconds", "class" => class.to_string()),
            leases_lost: counter!("vitrine_queue_leases_lost_total", "class" => class.to_string()),
            leases_expired: counter!("vitrine_queue_leases_expired_total", "class" => class.to_string()),
        }
    }

    /// Counts one run; `last` says that there is no attempt after it.
    pub(crate) fn ran(&self, outcome: &Outcome, last: bool, took: Duration) {
        self.run_seconds.record(took.as_secs_f64());
        match outcome {
            Outcome::Done => self.done.increment(1),
            Outcome::Later(_) => self.later.increment(1),
            Outcome::Retry { .. } if last => self.exhausted.increment(1),
            Outcome::Retry { .. } => self.retry.increment(1),
            Outcome::Discard { .. } => self.discard.increment(1),
        }
    }

    /// Counts leases that this process held and that are gone.
    pub(crate) fn lost(&self, leases: usize) {
        self.leases_lost.increment(leases as u64);
    }

    /// Counts leases, of any process, that had run out.
    pub(crate) fn expired(&self, leases: u64) {
        self.leases_expired.increment(leases);
    }
}

/// Counts an error of Redis.
pub(crate) fn redis_error(operation: &'static str) {
    counter!("vitrine_queue_redis_errors_total", "operation" => operation).increment(1);
}

/// What was found wrong with the keys of a class.
#[derive(Clone, Copy)]
pub(crate) enum Damage {
    /// A stored job that cannot be read or is gone.
    Unreadable,
    /// A key of another type in the place of one of ours.
    ForeignKey,
    /// A job that was in no line: a key of the queue is gone.
    Adrift,
}

/// Counts damage that was found and repaired as far as it goes.
pub(crate) fn damaged(class: &ClassName, damage: Damage, count: u64) {
    let kind = match damage {
        Damage::Unreadable => "unreadable",
        Damage::ForeignKey => "foreign_key",
        Damage::Adrift => "adrift",
    };
    counter!("vitrine_queue_damage_total", "class" => class.to_string(), "kind" => kind).increment(count);
}

/// Says whether this Redis holds a queue of another version.
pub(crate) fn other_layout(found: bool) {
    gauge!("vitrine_queue_other_layout").set(if found { 1.0 } else { 0.0 });
}

/// Says whether deliveries of a class are stopped.
pub(crate) fn record_paused(class: &ClassName, paused: bool) {
    gauge!("vitrine_queue_paused", "class" => class.to_string()).set(if paused { 1.0 } else { 0.0 });
}

/// Says how long ago this process last fetched from a class.
pub(crate) fn record_last_fetch(class: &ClassName, age: Duration) {
    gauge!("vitrine_queue_last_fetch_age_seconds", "class" => class.to_string()).set(age.as_secs_f64());
}

/// Sets the gauges of one class.
pub(crate) fn record_stats(class: &ClassName, stats: &ClassStats) {
    let set = |name: &'static str, value: f64| gauge!(name, "class" => class.to_string()).set(value);
    set("vitrine_queue_ready_jobs", stats.ready as f64);
    set("vitrine_queue_delayed_jobs", stats.delayed as f64);
    set("vitrine_queue_leased_jobs", stats.leased as f64);
    set("vitrine_queue_dead_letters", stats.dead as f64);
    set(
        "vitrine_queue_oldest_ready_age_seconds",
        stats.oldest_ready_age.unwrap_or_default().as_secs_f64(),
    );
}
