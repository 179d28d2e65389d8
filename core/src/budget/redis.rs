//! The budget that many processes share.

use super::{
    Budget, BudgetLimits, BudgetUnavailable, BudgetUse, CallClass, Payer, Reservation,
    window::{BUCKET, BUCKETS, bucket_of, end_of},
};
use crate::clock::{SharedClock, until as time_until};
use async_trait::async_trait;
use chrono::DateTime;
use redis::{AsyncCommands, RedisError, Script, aio::ConnectionManager};
use std::{collections::HashMap, sync::LazyLock};
use vitrine_entity::{AccountId, Time};

static RESERVE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("reserve.lua")));
static BLOCK: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("block.lua")));

/// A budget in Redis; each reservation is one atomic script. All keys share one hash tag, because
/// a reservation touches the app's and the token's in one go.
#[derive(Clone)]
pub struct RedisBudget {
    connection: ConnectionManager,
    prefix: String,
    clock: SharedClock,
    limits: BudgetLimits,
}

impl RedisBudget {
    /// A budget under a key prefix.
    #[must_use]
    pub fn new(
        connection: ConnectionManager,
        prefix: &str,
        clock: SharedClock,
        limits: BudgetLimits,
    ) -> Self {
        Self {
            connection,
            prefix: prefix.to_owned(),
            clock,
            limits,
        }
    }

    fn key(&self, payer: Payer) -> String {
        match payer {
            Payer::App => format!("{{{}:budget}}:app", self.prefix),
            Payer::Token(account) => format!("{{{}:budget}}:{}", self.prefix, account.0.simple()),
        }
    }
}

fn unavailable(error: RedisError) -> BudgetUnavailable {
    BudgetUnavailable(error.into())
}

#[async_trait]
impl Budget for RedisBudget {
    async fn reserve(&self, payer: Payer, class: CallClass) -> Result<Reservation, BudgetUnavailable> {
        let free_from: i64 = RESERVE
            .key(self.key(Payer::App))
            .key(self.key(payer))
            .arg(self.clock.now().timestamp_millis())
            .arg(BUCKET)
            .arg(BUCKETS)
            .arg(self.limits.app())
            .arg(self.limits.token(class))
            .invoke_async(&mut self.connection.clone())
            .await
            .map_err(unavailable)?;
        match DateTime::from_timestamp_millis(free_from) {
            Some(time) if free_from > 0 => Ok(Reservation::Until(time)),
            _ => Ok(Reservation::Granted),
        }
    }

    async fn block(&self, payer: Payer, until: Time) -> Result<(), BudgetUnavailable> {
        let wait = time_until(self.clock.now(), until).as_millis();
        BLOCK
            .key(self.key(payer))
            .arg(until.timestamp_millis())
            .arg(u64::try_from(wait).unwrap_or(u64::MAX))
            .invoke_async::<i64>(&mut self.connection.clone())
            .await
            .map(drop)
            .map_err(unavailable)
    }

    async fn usage(&self, account: AccountId) -> Result<BudgetUse, BudgetUnavailable> {
        let fields: HashMap<String, i64> = self
            .connection
            .clone()
            .hgetall(self.key(Payer::Token(account)))
            .await
            .map_err(unavailable)?;
        Ok(read_usage(&fields, self.clock.now()))
    }
}

fn read_usage(fields: &HashMap<String, i64>, now: Time) -> BudgetUse {
    let oldest = bucket_of(now) - BUCKETS + 1;
    let counted: Vec<(i64, i64)> = fields
        .iter()
        .filter_map(|(field, used)| Some((field.parse().ok()?, *used)))
        .filter(|(bucket, _)| *bucket >= oldest)
        .collect();
    let blocked = fields
        .get("blocked")
        .and_then(|until| DateTime::from_timestamp_millis(*until));
    BudgetUse {
        used: counted
            .iter()
            .map(|(_, used)| u32::try_from(*used).unwrap_or(u32::MAX))
            .sum(),
        resets_at: counted.iter().map(|(bucket, _)| *bucket).min().and_then(end_of),
        blocked_until: blocked.filter(|until| *until > now),
    }
}
