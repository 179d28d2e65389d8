//! What one key may still make in this process, and what it made.

use super::{Allowance, IDLE_MINUTES, PlanAllowance, TrafficLimits, allowance::Day};
use crate::counters::Window;
use std::{
    fmt,
    num::NonZeroU32,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
};
use vitrine_entity::{ApiKeyId, TenantId, Time, UserId};

/// Who makes requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Payer {
    /// Whoever uses a key.
    Key(ApiKeyId),
    /// A signed-in person.
    Person(UserId),
}

impl fmt::Display for Payer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(id) => write!(formatter, "key:{id}"),
            Self::Person(id) => write!(formatter, "person:{id}"),
        }
    }
}

/// What came of asking for one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// It may be made.
    Yes,
    /// Nobody knows yet: this process has no portion of the minute left.
    NoPortion,
    /// Everything is taken until the minute ends.
    Spent,
}

/// The requests of one key in this process.
#[derive(Debug)]
pub(super) struct Meter {
    payer: Payer,
    tenant: TenantId,
    limits: TrafficLimits,
    day: Arc<Day>,
    /// The number of the minute that the others are about.
    window: AtomicI64,
    /// What is left of the portions that this process has.
    left: AtomicI64,
    /// What nobody has taken yet, as the shared counter last said.
    unclaimed: AtomicI64,
    /// The last portion's size.
    portion: AtomicI64,
    /// The number of the last minute in which this process went on without the shared counter.
    alone: AtomicI64,
    spent: AtomicBool,
    asking: AtomicBool,
    turning: Mutex<()>,
    pub(super) refilling: tokio::sync::Mutex<()>,
    unwritten: AtomicU64,
}

impl Meter {
    pub(super) fn new(payer: Payer, tenant: TenantId, day: Arc<Day>, limits: TrafficLimits) -> Self {
        Self {
            payer,
            tenant,
            limits,
            day,
            window: AtomicI64::new(0),
            left: AtomicI64::new(0),
            unclaimed: AtomicI64::new(i64::from(limits.requests_per_minute.get())),
            portion: AtomicI64::new(0),
            alone: AtomicI64::new(0),
            spent: AtomicBool::new(false),
            asking: AtomicBool::new(false),
            turning: Mutex::new(()),
            refilling: tokio::sync::Mutex::new(()),
            unwritten: AtomicU64::new(0),
        }
    }

    pub(super) fn payer(&self) -> Payer {
        self.payer
    }

    pub(super) fn tenant(&self) -> TenantId {
        self.tenant
    }

    pub(super) fn day(&self) -> Arc<Day> {
        Arc::clone(&self.day)
    }

    pub(super) fn has_plan(&self) -> bool {
        self.limits.requests_per_day.is_some()
    }

    pub(super) fn limit(&self) -> NonZeroU32 {
        self.limits.requests_per_minute
    }

    pub(super) fn take(&self, now: Time) -> Taken {
        self.turn_to(Window::minute(now));
        // Taken before it is looked at: of several at once each finds another number, so nothing is taken twice.
        if self.left.fetch_sub(1, Ordering::AcqRel) > 0 {
            self.unwritten.fetch_add(1, Ordering::Relaxed);
            return Taken::Yes;
        }
        self.left.fetch_add(1, Ordering::AcqRel);
        if self.spent.load(Ordering::Acquire) {
            Taken::Spent
        } else {
            Taken::NoPortion
        }
    }

    /// Forgets what was left of another minute. A clock that goes back by a moment gives nothing twice:
    /// the window only goes on, unless it is more than one ahead.
    fn turn_to(&self, window: Window) {
        let number = window.number();
        let has_turned = || [number, number + 1].contains(&self.window().number());
        if has_turned() {
            return;
        }
        let _one_at_a_time = self.turning.lock().unwrap_or_else(PoisonError::into_inner);
        if has_turned() {
            return;
        }
        self.left.store(0, Ordering::Release);
        self.portion.store(0, Ordering::Relaxed);
        let limit = i64::from(self.limit().get());
        self.unclaimed.store(limit, Ordering::Relaxed);
        self.spent.store(false, Ordering::Release);
        // Last, so that whoever sees the new minute finds its numbers, not those of the old one.
        self.window.store(number, Ordering::Release);
    }

    pub(super) fn window(&self) -> Window {
        Window::minute_of_number(self.window.load(Ordering::Acquire))
    }

    /// Whether a portion is there already, so that nobody needs to ask for one.
    pub(super) fn is_supplied(&self) -> bool {
        self.spent.load(Ordering::Acquire) || self.left.load(Ordering::Acquire) > 0
    }

    /// Whether the next portion should be asked for before this one ends.
    pub(super) fn runs_low(&self) -> bool {
        self.left.load(Ordering::Relaxed) * 2 < self.portion.load(Ordering::Relaxed)
            && !self.spent.load(Ordering::Relaxed)
            && !self.asking.load(Ordering::Relaxed)
    }

    /// True for the one who may ask behind everybody's back.
    pub(super) fn begin_asking(&self) -> bool {
        !self.asking.swap(true, Ordering::AcqRel)
    }

    pub(super) fn end_asking(&self) {
        self.asking.store(false, Ordering::Release);
    }

    /// Takes a portion in for the window that it was asked for; an empty one ends the window.
    pub(super) fn supply(&self, window: Window, portion: i64, unclaimed: i64) {
        // Not while the minute turns: it would be taken for one of the next.
        let _one_at_a_time = self.turning.lock().unwrap_or_else(PoisonError::into_inner);
        if self.window() != window {
            return;
        }
        self.unclaimed.store(unclaimed, Ordering::Relaxed);
        self.portion.store(portion, Ordering::Relaxed);
        // Added, because some of the last portion may be left. It is still taken when the minute counts as spent.
        self.left.fetch_add(portion, Ordering::AcqRel);
        self.spent.store(portion == 0, Ordering::Release);
    }

    /// Takes in what this process may make without the shared counter, once a window.
    pub(super) fn supply_alone(&self, window: Window, portion: i64) {
        // Each failure to ask brings everybody here again. Only the first in a minute may bring a share.
        let first = self.alone.swap(window.number(), Ordering::AcqRel) != window.number();
        self.supply(window, if first { portion } else { 0 }, 0);
    }

    /// What is left at this moment, for somebody who takes nothing.
    pub(super) fn peek(&self, now: Time) -> Allowance {
        self.turn_to(Window::minute(now));
        self.allowance(now)
    }

    pub(super) fn allowance(&self, now: Time) -> Allowance {
        let known = self.left.load(Ordering::Relaxed).max(0) + self.unclaimed.load(Ordering::Relaxed).max(0);
        let limit = self.limit().get();
        Allowance {
            limit,
            remaining: u32::try_from(known).unwrap_or(u32::MAX).min(limit),
            resets_in_seconds: Window::minute(now).seconds_left(now),
            plan: self
                .limits
                .requests_per_day
                .map(|limit| self.plan(limit.get(), now)),
        }
    }

    fn plan(&self, limit: u32, now: Time) -> PlanAllowance {
        let day = Window::day(now);
        let made = self.day.requests_on(day.number()) + self.unwritten.load(Ordering::Relaxed);
        PlanAllowance {
            limit,
            remaining: limit.saturating_sub(u32::try_from(made).unwrap_or(u32::MAX)),
            resets_in_seconds: day.seconds_left(now),
        }
    }

    /// Counts a request that is let through although no portion was to be had.
    pub(super) fn let_through(&self) {
        self.unwritten.fetch_add(1, Ordering::Relaxed);
    }

    /// What was made since the last time this was asked.
    pub(super) fn drain(&self) -> u64 {
        self.unwritten.swap(0, Ordering::AcqRel)
    }

    /// Counts again what could not be written down.
    pub(super) fn put_back(&self, count: u64) {
        self.unwritten.fetch_add(count, Ordering::AcqRel);
    }

    /// Whether it counted nothing for minutes and owes nothing.
    pub(super) fn is_idle(&self, now: Time) -> bool {
        self.window().number() + IDLE_MINUTES < Window::minute(now).number()
            && self.unwritten.load(Ordering::Relaxed) == 0
    }
}
