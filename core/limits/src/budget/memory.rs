//! The budget of a process that works alone.

use super::{
    Budget, BudgetLimits, BudgetUse, CallClass, Charge, Load, Payer, RecordedUse, Request, Reservation,
    THINNED_FOR, own, rolling_hour::RollingHour,
};
use async_trait::async_trait;
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};
use vitrine_base::clock::{SharedClock, later};
use vitrine_entity::{AccountId, Time};

/// Idle hours are dropped for the first time when so many are held.
const SWEPT_AT: usize = 10_000;

/// A budget in memory; it forgets with the process.
#[derive(Debug)]
pub struct MemoryBudget {
    clock: SharedClock,
    limits: BudgetLimits,
    books: Mutex<Books>,
}

#[derive(Debug)]
struct Books {
    hours: HashMap<Payer, RollingHour>,
    swept_at: usize,
}

impl Books {
    fn hour(&mut self, payer: Payer, now: Time) -> &mut RollingHour {
        let hour = self.hours.entry(payer).or_default();
        hour.tidy(now);
        hour
    }

    /// Drops hours of which nothing counts any more.
    fn sweep(&mut self, now: Time) {
        // Not before their number has doubled: it costs a call next to nothing then, however many tokens are active.
        if self.hours.len() >= self.swept_at {
            self.hours.retain(|_, hour| !hour.is_idle(now));
            self.swept_at = SWEPT_AT.max(2 * self.hours.len());
        }
    }
}

impl MemoryBudget {
    /// A full budget.
    #[must_use]
    pub fn new(clock: SharedClock, limits: BudgetLimits) -> Self {
        let books = Books {
            hours: HashMap::new(),
            swept_at: SWEPT_AT,
        };
        Self {
            clock,
            limits,
            books: Mutex::new(books),
        }
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Like [`Budget::reserve`]; also says how many units of the app are used then.
    pub(super) fn take(&self, request: &Request) -> (Reservation, u32) {
        let (payer, now) = (request.payer, self.clock.now());
        let mut books = self.books();
        books.sweep(now);
        // Both hours are asked before either pays, so that a refused call costs nothing.
        let app = books.hour(Payer::App, now);
        app.learn(request.known_of_app, now);
        let (mut free, mut load) = (app.free_from(self.limits.app(request.class)), app.load());
        if let Some(payer) = own(payer) {
            let hour = books.hour(payer, now);
            hour.learn(request.known, now);
            free = free.max(hour.free_from(self.limits.token(request.class)));
            load = load.max(hour.load());
        }
        if let Some(until) = free.or_else(|| thinned_until(request, load, now)) {
            return (Reservation::Until(until), 0);
        }
        let of_app = books.hour(Payer::App, now).take(now);
        let used = own(payer).map_or(of_app, |payer| books.hour(payer, now).take(now));
        let charge = Charge {
            payer,
            at: now,
            used,
            slowed: load.is_some(),
            shared: false,
        };
        (Reservation::Granted(charge), of_app)
    }
}

/// When a scheduled call comes back that is put off because the platform's limit is close.
fn thinned_until(request: &Request, load: Option<Load>, now: Time) -> Option<Time> {
    let is_scheduled = request.class == CallClass::Sync;
    let thinned = load.filter(|_| is_scheduled).map(Load::thinned)?;
    // The dice also spread those that are put off, so that they do not come back all at once.
    let dice = request.dice;
    (dice < thinned).then(|| later(now, THINNED_FOR.mul_f64(1.0 + dice / thinned)))
}

#[async_trait]
impl Budget for MemoryBudget {
    async fn reserve(&self, payer: Payer, class: CallClass, known: RecordedUse) -> Reservation {
        self.take(&Request::new(payer, class, known)).0
    }

    async fn give_back(&self, charge: Charge) {
        let mut books = self.books();
        for payer in [Some(Payer::App), own(charge.payer)].into_iter().flatten() {
            books.hours.entry(payer).or_default().give_back(charge.at);
        }
    }

    async fn record_load(&self, payer: Payer, load: Load) {
        let now = self.clock.now();
        let mut books = self.books();
        books.sweep(now);
        books.hours.entry(payer).or_default().record_load(load, now);
    }

    async fn usage(&self, account: AccountId, known: RecordedUse) -> BudgetUse {
        let now = self.clock.now();
        let found = self.books().hours.get(&Payer::Token(account)).cloned();
        let mut hour = found.unwrap_or_default();
        hour.tidy(now);
        hour.learn(known, now);
        hour.usage()
    }
}
