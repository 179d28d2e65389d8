//! The books of a budget that many processes share.

use super::{
    BudgetLimits, BudgetUse, CallClass, Charge, LOAD_HOLDS, Load, Payer, RecordedUse, Request, Reservation,
    THINNED_FOR, own,
    rolling_hour::{BUCKET_MILLIS, BUCKETS, RollingHour, bucket_of},
};
use crate::counters::RedisCounters;
use chrono::DateTime;
use redis::{RedisError, Script, ScriptInvocation};
use std::{sync::LazyLock, time::Duration};
use vitrine_base::clock::{SharedClock, later};
use vitrine_entity::{AccountId, Time};
use vitrine_redis::Connection;

static RESERVE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("reserve.lua")));
static GIVE_BACK: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("give_back.lua")));
static RECORD_LOAD: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("record_load.lua")));

/// Redis could not be asked.
#[derive(Debug, thiserror::Error)]
#[error("the shared call budget does not answer")]
pub struct BudgetUnavailable(#[from] RedisError);

/// A budget in Redis; each reservation is one atomic script. All keys share one hash tag, because a
/// reservation touches the app's and the token's in one go.
#[derive(Clone)]
pub struct RedisBudget {
    counters: RedisCounters,
    clock: SharedClock,
    limits: BudgetLimits,
}

impl RedisBudget {
    /// A budget under a key prefix.
    #[must_use]
    pub fn new(connection: Connection, prefix: &str, clock: SharedClock, limits: BudgetLimits) -> Self {
        Self {
            counters: RedisCounters::new(connection, prefix),
            clock,
            limits,
        }
    }

    /// See [`Budget::reserve`](super::Budget::reserve); also says what is known of the app's hour then.
    pub(super) async fn take(
        &self,
        request: &Request,
        owed: Owed,
    ) -> Result<(Reservation, RecordedUse), BudgetUnavailable> {
        let now = self.clock.now();
        let call = self.reserve_call(request, owed, now);
        let (free_from, of_app, app_last, used, slowed): (i64, u32, i64, u32, bool) =
            self.counters.run(&call).await?;
        let reservation = match DateTime::from_timestamp_millis(free_from) {
            Some(time) if free_from > 0 => Reservation::Until(time),
            _ => Reservation::Granted(Charge {
                payer: request.payer,
                at: now,
                used,
                slowed,
                shared: true,
            }),
        };
        let app = RecordedUse {
            used: of_app,
            at: DateTime::from_timestamp_millis(app_last),
        };
        Ok((reservation, app))
    }

    fn reserve_call(&self, request: &Request, owed: Owed, now: Time) -> ScriptInvocation<'static> {
        let put_off = if request.class == CallClass::Sync {
            THINNED_FOR
        } else {
            Duration::ZERO
        };
        let mut call = RESERVE.prepare_invoke();
        call.key(self.key(Payer::App))
            .key(self.key(request.payer))
            .arg(now.timestamp_millis())
            .arg(BUCKET_MILLIS)
            .arg(BUCKETS)
            .arg(request.dice)
            .arg(milliseconds(put_off));
        let (of_app, of_token) = (self.limits.app(request.class), self.limits.token(request.class));
        add_arguments(&mut call, of_app, request.known_of_app, owed.app);
        add_arguments(&mut call, of_token, request.known, owed.payer);
        call
    }

    /// See [`Budget::give_back`](super::Budget::give_back).
    pub(super) async fn give_back(&self, charge: Charge) -> Result<(), BudgetUnavailable> {
        let mut call = GIVE_BACK.prepare_invoke();
        call.key(self.key(Payer::App));
        if let Some(payer) = own(charge.payer) {
            call.key(self.key(payer));
        }
        call.arg(bucket_of(charge.at));
        self.counters.run::<i64>(&call).await?;
        Ok(())
    }

    /// See [`Budget::record_load`](super::Budget::record_load).
    pub(super) async fn record_load(&self, payer: Payer, load: Load) -> Result<(), BudgetUnavailable> {
        let mut call = RECORD_LOAD.prepare_invoke();
        call.key(self.key(payer))
            .arg(load.0)
            .arg(Load::SLOW.0)
            .arg(later(self.clock.now(), LOAD_HOLDS).timestamp_millis());
        self.counters.run::<i64>(&call).await?;
        Ok(())
    }

    /// See [`Budget::usage`](super::Budget::usage).
    pub(super) async fn usage(
        &self,
        account: AccountId,
        known: RecordedUse,
    ) -> Result<BudgetUse, BudgetUnavailable> {
        let numbers = self.counters.numbers(&self.key(Payer::Token(account))).await?;
        let now = self.clock.now();
        let mut hour: RollingHour = numbers.into_iter().collect();
        hour.tidy(now);
        hour.learn(known, now);
        Ok(hour.usage())
    }

    fn key(&self, payer: Payer) -> String {
        match payer {
            Payer::App => self.counters.key_in_slot("budget", "app"),
            Payer::Token(account) => self.counters.key_in_slot("budget", account.0.simple()),
        }
    }
}

/// Units that a process spent while it could not write them down here.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Owed {
    pub(super) app: u32,
    pub(super) payer: u32,
}

fn add_arguments(call: &mut ScriptInvocation<'_>, limit: u32, known: RecordedUse, owed: u32) {
    let moment = |time: Option<Time>| time.map_or(0, |time| time.timestamp_millis());
    call.arg(limit).arg(known.used).arg(moment(known.at)).arg(owed);
}

fn milliseconds(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
