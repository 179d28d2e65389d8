//! The calls of one account, counted.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::endpoint::Endpoint;
use super::flight::{Flight, UnderWay};
use super::report::CallReport;
use super::rolling_count::RollingCount;

const HOUR: i64 = 3_600;

#[derive(Debug)]
struct TokenCalls {
    total: BTreeMap<Endpoint, u64>,
    hour: RollingCount,
    busiest_hour: u64,
}

/// The calls of one account.
#[derive(Debug, Default)]
pub(crate) struct AccountCalls {
    arrived: BTreeMap<Endpoint, u64>,
    answered: BTreeMap<(Endpoint, u16), u64>,
    tokens: HashMap<String, TokenCalls>,
    /// What the platform's own throttling counts.
    pub(crate) quota: Option<RollingCount>,
    flight: Arc<Flight>,
}

impl AccountCalls {
    /// Counts a call at its arrival; it is under way until what this gives is dropped.
    pub(crate) fn arrived(&mut self, endpoint: Endpoint, token: Option<&str>, now: i64) -> UnderWay {
        *self.arrived.entry(endpoint).or_default() += 1;
        if let Some(token) = token {
            self.count_token(endpoint, token, now);
        }
        self.flight.of(endpoint)
    }

    /// Counts the answer to a call.
    pub(crate) fn answered(&mut self, endpoint: Endpoint, status: u16) {
        *self.answered.entry((endpoint, status)).or_default() += 1;
    }

    fn count_token(&mut self, endpoint: Endpoint, token: &str, now: i64) {
        let fresh = || TokenCalls {
            total: BTreeMap::new(),
            hour: RollingCount::new(HOUR, 1),
            busiest_hour: 0,
        };
        let calls = match self.tokens.get_mut(token) {
            Some(calls) => calls,
            None => self.tokens.entry(token.to_owned()).or_insert_with(fresh),
        };
        *calls.total.entry(endpoint).or_default() += 1;
        if endpoint.is_graph() {
            calls.busiest_hour = calls.busiest_hour.max(calls.hour.add(now));
        }
    }

    /// The same account with nothing counted yet.
    pub(crate) fn cleared(&mut self) -> Self {
        self.flight.forget();
        Self {
            quota: self.quota.take(),
            flight: Arc::clone(&self.flight),
            ..Self::default()
        }
    }

    /// Adds what was counted to a report.
    pub(crate) fn report(&self, username: &str, endpoint: Option<Endpoint>, report: &mut CallReport) {
        let most_at_once = self.flight.most();
        if most_at_once > 0 && !username.is_empty() {
            report
                .most_at_once_by_account
                .insert(username.to_owned(), most_at_once);
        }
        let fits = |candidate: Endpoint| endpoint.is_none_or(|wanted| wanted == candidate);
        for (endpoint, count) in self.arrived.iter().filter(|(endpoint, _)| fits(**endpoint)) {
            report.total += count;
            *report.by_endpoint.entry(*endpoint).or_default() += count;
            *report.by_account.entry(username.to_owned()).or_default() += count;
        }
        for ((endpoint, status), count) in self.answered.iter().filter(|((endpoint, _), _)| fits(*endpoint)) {
            *report
                .by_status
                .entry(*endpoint)
                .or_default()
                .entry(*status)
                .or_default() += count;
        }
        for (token, calls) in &self.tokens {
            let count: u64 = calls
                .total
                .iter()
                .filter(|(endpoint, _)| fits(**endpoint))
                .map(|(_, n)| n)
                .sum();
            if count > 0 {
                report.by_token.insert(token.clone(), count);
                report
                    .busiest_hour_by_token
                    .insert(token.clone(), calls.busiest_hour);
            }
        }
    }
}
