//! The budget of a process that works alone.

use super::{
    Budget, BudgetLimits, BudgetUse, CallClass, Charge, Load, Payer, RecordedUse, Reservation, THINNED_FOR,
    own, rolling_hour::RollingHour,
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

    /// Rarely enough that it costs a call next to nothing, however many tokens are active.
    fn sweep(&mut self, now: Time) {
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

    /// Like [`Budget::reserve`], with what is known of the app too; also says how many units of the app are used
    /// then. `dice` is from 0 to 1.
    pub(super) fn take(
        &self,
        payer: Payer,
        class: CallClass,
        known: RecordedUse,
        known_of_app: RecordedUse,
        dice: f64,
    ) -> (Reservation, u32) {
        let now = self.clock.now();
        let mut books = self.books();
        books.sweep(now);
        let app = books.hour(Payer::App, now);
        app.learn(known_of_app, now);
        let (mut free, mut load) = (app.free_from(self.limits.app(class)), app.load());
        if let Some(payer) = own(payer) {
            let hour = books.hour(payer, now);
            hour.learn(known, now);
            free = free.max(hour.free_from(self.limits.token(class)));
            load = load.max(hour.load());
        }
        if let Some(until) = free.or_else(|| thinned_until(class, load, dice, now)) {
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
fn thinned_until(class: CallClass, load: Option<Load>, dice: f64, now: Time) -> Option<Time> {
    let thinned = load.filter(|_| class == CallClass::Sync).map(Load::thinned)?;
    (dice < thinned).then(|| later(now, THINNED_FOR.mul_f64(1.0 + dice / thinned)))
}

#[async_trait]
impl Budget for MemoryBudget {
    async fn reserve(&self, payer: Payer, class: CallClass, known: RecordedUse) -> Reservation {
        self.take(payer, class, known, RecordedUse::default(), rand::random())
            .0
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
