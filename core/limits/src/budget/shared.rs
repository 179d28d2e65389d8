//! The shared budget, and what a process does without it.

use super::{
    Budget, BudgetLimits, BudgetUnavailable, BudgetUse, CallClass, Charge, Load, MemoryBudget, Payer,
    RecordedUse, RedisBudget, Request, Reservation, availability::Availability, own, redis::Owed,
};
use async_trait::async_trait;
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};
use vitrine_base::{clock::SharedClock, error_chain::cause_chain};
use vitrine_entity::{AccountId, Time};

/// Counts in Redis, where every process sees it. While Redis is away the process works on with a share of
/// its own, on top of what the database and the process itself remember; it neither stops nor goes unlimited.
pub struct SharedBudget {
    shared: RedisBudget,
    local: MemoryBudget,
    state: Mutex<State>,
    clock: SharedClock,
}

#[derive(Default)]
struct State {
    availability: Availability,
    /// What this process saw last of the app's budget: Redis may come back empty.
    app: RecordedUse,
    /// Units that were spent while Redis was away, until they are reported to it.
    owed: HashMap<Payer, u32>,
}

impl State {
    fn owe(&mut self, payer: Payer) {
        for payer in [Some(Payer::App), own(payer)].into_iter().flatten() {
            *self.owed.entry(payer).or_default() += 1;
        }
    }

    /// Takes what is to be reported to Redis with the next question of a payer.
    fn settle(&mut self, payer: Payer) -> Owed {
        Owed {
            app: self.owed.remove(&Payer::App).unwrap_or(0),
            payer: own(payer).and_then(|payer| self.owed.remove(&payer)).unwrap_or(0),
        }
    }

    fn owe_again(&mut self, payer: Payer, owed: Owed) {
        for (payer, units) in [(Some(Payer::App), owed.app), (own(payer), owed.payer)] {
            if let Some(payer) = payer.filter(|_| units > 0) {
                *self.owed.entry(payer).or_default() += units;
            }
        }
    }
}

impl SharedBudget {
    /// A budget over Redis with these limits.
    #[must_use]
    pub fn new(shared: RedisBudget, clock: SharedClock, limits: BudgetLimits) -> Self {
        Self {
            shared,
            local: MemoryBudget::new(clock.clone(), limits.local()),
            state: Mutex::default(),
            clock,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether to ask Redis.
    fn tries_redis(&self) -> bool {
        self.state().availability.may_ask(Instant::now())
    }

    /// Gives the answer of Redis, or takes note of its silence.
    fn note_answer<T>(&self, answer: Result<T, BudgetUnavailable>) -> Option<T> {
        metrics::gauge!("vitrine_budget_shared").set(if answer.is_ok() { 1.0 } else { 0.0 });
        match answer {
            Ok(answer) => {
                if self.state().availability.note_answer() {
                    tracing::info!("the shared call budget answers again");
                }
                Some(answer)
            }
            Err(error) => {
                if self.state().availability.note_failure(Instant::now()) {
                    tracing::warn!(
                        error = cause_chain(&error),
                        "the shared call budget is away: working on with a small share"
                    );
                }
                None
            }
        }
    }

    fn saw_app(&self, used: u32, at: Option<Time>) {
        let mut state = self.state();
        state.app.used = used;
        state.app.at = at;
    }

    async fn take_shared(&self, request: Request) -> Option<Reservation> {
        if !self.tries_redis() {
            return None;
        }
        let (request, owed) = {
            let mut state = self.state();
            // Taken out before it is reported, so that two calls at once do not both report it.
            let owed = state.settle(request.payer);
            (request.knowing_of_app(state.app), owed)
        };
        let asked = self.shared.take(&request, owed).await;
        let Some((reservation, seen)) = self.note_answer(asked) else {
            // Redis may have written it down all the same. Then it counts twice, which is better than not at all.
            self.state().owe_again(request.payer, owed);
            return None;
        };
        self.saw_app(seen.used, seen.at);
        Some(reservation)
    }

    fn take_local(&self, request: Request) -> Reservation {
        let request = request.knowing_of_app(self.state().app);
        let (reservation, of_app) = self.local.take(&request);
        if let Reservation::Granted(_) = reservation {
            metrics::counter!("vitrine_budget_local_units_total").increment(1);
            self.state().owe(request.payer);
            self.saw_app(of_app, Some(self.clock.now()));
        }
        reservation
    }
}

#[async_trait]
impl Budget for SharedBudget {
    async fn reserve(&self, payer: Payer, class: CallClass, known: RecordedUse) -> Reservation {
        let request = Request::new(payer, class, known);
        match self.take_shared(request).await {
            Some(reservation) => reservation,
            None => self.take_local(request),
        }
    }

    /// A unit that cannot be given back because its book is away counts as spent.
    async fn give_back(&self, charge: Charge) {
        if !charge.shared {
            self.local.give_back(charge).await;
        } else if self.tries_redis() {
            self.note_answer(self.shared.give_back(charge).await);
        }
    }

    async fn record_load(&self, payer: Payer, load: Load) {
        // Also while Redis answers: what is known of the platform's limit shall not go away with it.
        self.local.record_load(payer, load).await;
        if self.tries_redis() {
            self.note_answer(self.shared.record_load(payer, load).await);
        }
    }

    async fn usage(&self, account: AccountId, known: RecordedUse) -> BudgetUse {
        if self.tries_redis()
            && let Some(used) = self.note_answer(self.shared.usage(account, known).await)
        {
            return used;
        }
        self.local.usage(account, known).await
    }
}
