//! The ordered rules, and which of them strikes a call.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{NamedError, duration_text};
use crate::calls::Endpoint;
use crate::locks::lock;

/// Which calls to strike, and how. Conditions that are unset hold for every call; of several rules the first
/// that strikes decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// Calls for this account only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Calls of this endpoint only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<Endpoint>,
    /// Of the calls that fit, only this one, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nth: Option<u64>,
    /// Of the calls that fit, only so many of the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<u64>,
    /// Of the calls that fit, only each so-manieth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<u64>,
    /// Not before this simulator time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<DateTime<Utc>>,
    /// Not from this simulator time on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
    /// What happens to the answer.
    pub action: FaultAction,
}

impl FaultRule {
    /// Strikes every call until taken away.
    #[must_use]
    pub fn always(action: FaultAction) -> Self {
        Self {
            account: None,
            endpoint: None,
            nth: None,
            first: None,
            every: None,
            from: None,
            until: None,
            action,
        }
    }

    /// The same rule for one account only.
    #[must_use]
    pub fn of_account(mut self, username: impl Into<String>) -> Self {
        self.account = Some(username.into());
        self
    }

    /// The same rule for one endpoint only.
    #[must_use]
    pub fn at(mut self, endpoint: Endpoint) -> Self {
        self.endpoint = Some(endpoint);
        self
    }

    /// The same rule for the first calls only.
    #[must_use]
    pub fn first(mut self, calls: u64) -> Self {
        self.first = Some(calls);
        self
    }

    fn fits(&self, account: Option<&str>, endpoint: Endpoint, now: DateTime<Utc>) -> bool {
        self.account
            .as_deref()
            .is_none_or(|wanted| Some(wanted) == account)
            && self.endpoint.is_none_or(|wanted| wanted == endpoint)
            && self.from.is_none_or(|from| now >= from)
            && self.until.is_none_or(|until| now < until)
    }

    fn strikes(&self, call: u64) -> bool {
        self.nth.is_none_or(|nth| call == nth)
            && self.first.is_none_or(|first| call <= first)
            && self.every.is_none_or(|every| call.is_multiple_of(every))
    }
}

/// What happens to the answer of a call that is struck.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultAction {
    /// A refusal known from the field.
    Error(NamedError),
    /// Any answer at all.
    Respond {
        /// HTTP status.
        status: u16,
        /// The body, sent as it is.
        #[serde(default)]
        body: String,
        /// Headers; `application/json` unless a content type is among them.
        #[serde(default)]
        headers: BTreeMap<String, String>,
    },
    /// A throttled call.
    Throttle {
        /// 4 (app), 17 (user), 80002 (account), 613, 32 or 341.
        code: i64,
        /// Whether usage headers say 100 percent; the live platform sometimes sends none.
        headers: bool,
        /// Minutes until access is regained, as the header says.
        minutes: u64,
    },
    /// A page of HTML with status 502, as from a broken edge.
    BadGateway,
    /// No answer until the caller leaves or the simulator stops.
    Hang,
    /// The usual answer, later.
    Delay(#[serde(with = "duration_text")] Duration),
    /// The usual answer, its body in pieces over this time.
    Slow(#[serde(with = "duration_text")] Duration),
    /// The usual headers and half of the body, then the connection ends. What was asked for is done.
    HalfAnswer,
    /// The connection ends without an answer. What was asked for is not done.
    Reset,
    /// The usual body under another content type.
    ContentType(String),
    /// A body of so many bytes under the usual content type.
    Oversized(u64),
    /// A redirect to this address, for callers that must not follow it.
    Redirect(String),
}

#[derive(Debug)]
struct Counted {
    rule: FaultRule,
    seen: u64,
}

/// The rules in force.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    rules: Mutex<Vec<Counted>>,
    /// Spares the lock on every call when there is no rule.
    any: AtomicBool,
}

impl Faults {
    /// Replaces all rules; each starts counting anew.
    pub(crate) fn set(&self, rules: Vec<FaultRule>) {
        self.any.store(!rules.is_empty(), Ordering::Release);
        *lock(&self.rules) = rules.into_iter().map(|rule| Counted { rule, seen: 0 }).collect();
    }

    pub(crate) fn rules(&self) -> Vec<FaultRule> {
        lock(&self.rules)
            .iter()
            .map(|counted| counted.rule.clone())
            .collect()
    }

    /// What strikes a call, if anything does.
    pub(crate) fn strike(
        &self,
        account: impl FnOnce() -> Option<String>,
        endpoint: Endpoint,
        now: DateTime<Utc>,
    ) -> Option<FaultAction> {
        if !self.any.load(Ordering::Acquire) {
            return None;
        }
        let account = account();
        for counted in &mut *lock(&self.rules) {
            if !counted.rule.fits(account.as_deref(), endpoint, now) {
                continue;
            }
            counted.seen += 1;
            if counted.rule.strikes(counted.seen) {
                return Some(counted.rule.action.clone());
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strikes(rule: FaultRule, calls: usize) -> Vec<bool> {
        let faults = Faults::default();
        faults.set(vec![rule]);
        let strike = || faults.strike(|| Some("a".to_owned()), Endpoint::User, DateTime::UNIX_EPOCH);
        (0..calls).map(|_| strike().is_some()).collect()
    }

    #[test]
    fn a_rule_strikes_the_calls_it_names() {
        let rule = FaultRule::always(FaultAction::Hang);
        assert_eq!(strikes(rule.clone(), 2), [true, true]);
        assert_eq!(strikes(rule.clone().first(1), 3), [true, false, false]);
        assert_eq!(
            strikes(
                FaultRule {
                    nth: Some(2),
                    ..rule.clone()
                },
                3
            ),
            [false, true, false]
        );
        assert_eq!(
            strikes(
                FaultRule {
                    every: Some(2),
                    ..rule.clone()
                },
                4
            ),
            [false, true, false, true]
        );
        assert_eq!(strikes(rule.clone().of_account("b"), 1), [false]);
        assert_eq!(strikes(rule.clone().at(Endpoint::Media), 1), [false]);
        let over = FaultRule {
            until: Some(DateTime::UNIX_EPOCH),
            ..rule
        };
        assert_eq!(strikes(over, 1), [false]);
    }

    #[test]
    fn rules_are_written_as_people_would() {
        let rule: FaultRule = serde_json::from_str(r#"{"first":1,"action":{"delay":"250ms"}}"#).unwrap();
        assert_eq!(rule.action, FaultAction::Delay(Duration::from_millis(250)));
        let rule: FaultRule = serde_json::from_str(r#"{"action":{"error":"session_expired"}}"#).unwrap();
        assert_eq!(rule.action, FaultAction::Error(NamedError::SessionExpired));
    }
}
