//! Every call made, counted exactly; the newest in detail.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use axum::response::Response;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::endpoint::Endpoint;
use super::flight::{Flight, UnderWay};
use super::rolling_count::RollingCount;
use crate::accounts::{Account, Directory};
use crate::hosts::Cut;
use crate::locks::lock;

/// So many calls are kept in detail; older ones only count.
const KEPT_IN_DETAIL: usize = 10_000;
const HOUR: i64 = 3_600;

/// One call. `status` is unset while it is not answered, and stays so when the caller left or was cut off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CallRecord {
    /// Counts up from 1 over all calls.
    pub sequence: u64,
    /// Simulator time of its arrival.
    pub at: DateTime<Utc>,
    /// Username at that time, when the call could be told to be for an account.
    pub account: Option<String>,
    /// A short name for the access token used, never the token.
    pub token: Option<String>,
    /// What was called.
    pub endpoint: Endpoint,
    /// HTTP status of the answer.
    pub status: Option<u16>,
}

/// Which calls to report on; the default is all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CallFilter {
    /// Calls for this account only.
    pub account: Option<String>,
    /// Calls of this endpoint only.
    pub endpoint: Option<Endpoint>,
    /// At most so many calls in detail (100).
    pub newest: Option<usize>,
}

/// Exact counts and the newest calls.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CallReport {
    /// Calls that fit the filter, whether or not answered.
    pub total: u64,
    /// Calls by endpoint.
    pub by_endpoint: BTreeMap<Endpoint, u64>,
    /// Answers by endpoint, then by HTTP status.
    pub by_status: BTreeMap<Endpoint, BTreeMap<u16, u64>>,
    /// Calls by username; calls for no known account stand under the empty name.
    pub by_account: BTreeMap<String, u64>,
    /// Calls by short name of the token, of every endpoint that takes one.
    pub by_token: BTreeMap<String, u64>,
    /// The most Graph calls any rolling simulator hour saw, by short name of the token.
    pub busiest_hour_by_token: BTreeMap<String, u64>,
    /// The most calls under way at once, by username: of the calls that renew a token or of all the others,
    /// whichever were more.
    pub most_at_once_by_account: BTreeMap<String, u64>,
    /// The newest calls, newest first.
    pub newest: Vec<CallRecord>,
}

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
    fn arrive(&mut self, endpoint: Endpoint, token: Option<&str>, now: i64) {
        *self.arrived.entry(endpoint).or_default() += 1;
        let Some(token) = token else { return };
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
    fn cleared(&mut self) -> Self {
        self.flight.forget();
        Self {
            quota: self.quota.take(),
            flight: Arc::clone(&self.flight),
            ..Self::default()
        }
    }

    fn report(&self, username: &str, endpoint: Option<Endpoint>, report: &mut CallReport) {
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

#[derive(Debug)]
struct Kept {
    record: CallRecord,
    status: Arc<AtomicU16>,
}

impl Kept {
    fn fits(&self, filter: &CallFilter) -> bool {
        let account = filter
            .account
            .as_ref()
            .is_none_or(|wanted| self.record.account.as_ref() == Some(wanted));
        account
            && filter
                .endpoint
                .is_none_or(|wanted| wanted == self.record.endpoint)
    }

    fn answered_so_far(&self) -> CallRecord {
        let status = Some(self.status.load(Ordering::Relaxed)).filter(|status| *status != 0);
        CallRecord {
            status,
            ..self.record.clone()
        }
    }
}

/// The log of one simulator.
#[derive(Debug, Default)]
pub(crate) struct CallLog {
    sequence: AtomicU64,
    anonymous: Arc<Mutex<AccountCalls>>,
    newest: Mutex<VecDeque<Kept>>,
}

/// A call that has arrived and is not yet answered.
#[derive(Debug)]
pub(crate) struct OpenCall {
    endpoint: Endpoint,
    account: Option<Arc<Account>>,
    anonymous: Arc<Mutex<AccountCalls>>,
    status: Arc<AtomicU16>,
    _under_way: UnderWay,
}

impl OpenCall {
    /// Writes down how the call was answered, unless the answer is one that is never sent.
    pub(crate) fn answered(self, response: &Response) {
        if response.extensions().get::<Cut>().is_some() {
            return;
        }
        let status = response.status().as_u16();
        self.status.store(status, Ordering::Relaxed);
        let calls = self
            .account
            .as_ref()
            .map_or(&*self.anonymous, |account| &account.calls);
        *lock(calls).answered.entry((self.endpoint, status)).or_default() += 1;
    }
}

impl CallLog {
    /// Counts a call at its arrival, so that one never answered counts too.
    pub(crate) fn arrived(
        &self,
        account: Option<&Arc<Account>>,
        token: Option<&str>,
        endpoint: Endpoint,
        at: DateTime<Utc>,
    ) -> OpenCall {
        let calls = account.map_or(&*self.anonymous, |account| &account.calls);
        let under_way = {
            let mut calls = lock(calls);
            calls.arrive(endpoint, token, at.timestamp());
            calls.flight.of(endpoint)
        };
        let status = Arc::new(AtomicU16::new(0));
        let record = CallRecord {
            sequence: self.sequence.fetch_add(1, Ordering::Relaxed) + 1,
            at,
            account: account.map(|account| account.username()),
            token: token.map(str::to_owned),
            endpoint,
            status: None,
        };
        self.keep(Kept {
            record,
            status: Arc::clone(&status),
        });
        OpenCall {
            endpoint,
            account: account.cloned(),
            anonymous: Arc::clone(&self.anonymous),
            status,
            _under_way: under_way,
        }
    }

    fn keep(&self, call: Kept) {
        let mut newest = lock(&self.newest);
        if newest.len() >= KEPT_IN_DETAIL {
            newest.pop_front();
        }
        newest.push_back(call);
    }

    pub(crate) fn report(&self, accounts: &Directory, filter: &CallFilter) -> CallReport {
        let mut report = CallReport::default();
        if filter.account.is_none() {
            lock(&self.anonymous).report("", filter.endpoint, &mut report);
        }
        for account in accounts.all() {
            let username = account.username();
            if filter.account.as_ref().is_none_or(|wanted| *wanted == username) {
                lock(&account.calls).report(&username, filter.endpoint, &mut report);
            }
        }
        let newest = lock(&self.newest);
        let fitting = newest.iter().rev().filter(|call| call.fits(filter));
        report.newest = fitting
            .take(filter.newest.unwrap_or(100))
            .map(Kept::answered_so_far)
            .collect();
        report
    }

    /// Starts every count at zero again. What throttling counts stays.
    pub(crate) fn clear(&self, accounts: &Directory) {
        *lock(&self.anonymous) = AccountCalls::default();
        for account in accounts.all() {
            let mut calls = lock(&account.calls);
            *calls = calls.cleared();
        }
        lock(&self.newest).clear();
    }
}
