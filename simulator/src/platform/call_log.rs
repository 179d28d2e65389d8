//! Every call made, counted exactly; the newest in detail.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use axum::response::Response;
use chrono::{DateTime, Utc};

use crate::accounts::{Account, Directory};
use crate::calls::{AccountCalls, CallFilter, CallRecord, CallReport, Endpoint, UnderWay};
use crate::faults::Cut;
use crate::locks::lock;

/// So many calls are kept in detail; older ones only count.
const KEPT_IN_DETAIL: usize = 10_000;

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
        lock(calls).answered(self.endpoint, status);
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
        let under_way = lock(calls).arrived(endpoint, token, at.timestamp());
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
