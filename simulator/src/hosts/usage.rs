//! The call budget of an account and of the app, and the headers that tell how much is used.

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use crate::accounts::Account;
use crate::calls::RollingCount;
use crate::faults::throttle;
use crate::locks::lock;
use crate::platform::AccountIdForm;
use crate::platform::Platform;
use crate::wire::Dialect;
use crate::wire::GraphError;

/// The platform's documented factor: calls per day and impression.
const CALLS_PER_IMPRESSION: u64 = 4_800;
/// A window is kept in so many steps.
const STEPS: i64 = 288;

const APP_USAGE: HeaderName = HeaderName::from_static("x-app-usage");
const ACCOUNT_USAGE: HeaderName = HeaderName::from_static("x-business-use-case-usage");

/// What is used after a call, in percent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usage {
    app_percent: u64,
    account_percent: u64,
    minutes_to_regain: u64,
}

/// Counts a call. Refused calls count too, which prolongs the refusal.
pub(crate) fn spend(platform: &Platform, account: &Account) -> (Usage, Result<(), GraphError>) {
    let now = platform.clock.unix_now();
    let limits = &platform.settings.usage;
    let window = i64::try_from(limits.account_window.as_secs()).unwrap_or(i64::MAX);
    let allowed = limits
        .calls_per_account
        .unwrap_or_else(|| account.record().impressions.saturating_mul(CALLS_PER_IMPRESSION));
    let (used, seconds) = {
        let mut calls = lock(&account.calls);
        let quota = calls
            .quota
            .get_or_insert_with(|| RollingCount::new(window, window / STEPS));
        (quota.add(now), quota.seconds_until_below(allowed, now))
    };
    let app_used = lock(&platform.app_quota).add(now);
    let usage = Usage {
        app_percent: limits
            .calls_per_app
            .map_or(0, |allowed| percent(app_used, allowed)),
        account_percent: percent(used, allowed),
        minutes_to_regain: u64::try_from(seconds).unwrap_or_default().div_ceil(60),
    };
    let outcome = if limits.calls_per_app.is_some_and(|allowed| app_used > allowed) {
        Err(throttle(4))
    } else if used > allowed {
        Err(throttle(if platform.dialect() == Dialect::InstagramLogin {
            80_002
        } else {
            17
        }))
    } else {
        Ok(())
    };
    (usage, outcome)
}

fn percent(used: u64, allowed: u64) -> u64 {
    used.saturating_mul(100)
        .checked_div(allowed)
        .unwrap_or(100)
        .min(100)
}

/// Writes the headers the dialect has, unless too little is used to be worth telling.
pub(crate) fn write(platform: &Platform, account: &Account, usage: Usage, headers: &mut HeaderMap) {
    let from = platform.settings.usage.headers_from_percent;
    if usage.app_percent.max(usage.account_percent) < from {
        return;
    }
    let live = platform.dialect() == Dialect::InstagramLogin;
    let app = if live {
        usage.app_percent
    } else {
        usage.app_percent.max(usage.account_percent)
    };
    insert(headers, APP_USAGE, &numbers(app, None));
    if live {
        let regain = if usage.account_percent >= 100 {
            usage.minutes_to_regain
        } else {
            0
        };
        insert(
            headers,
            ACCOUNT_USAGE,
            &by_account(platform, account, usage.account_percent, regain),
        );
    }
}

/// Writes headers that say everything is used up.
pub(crate) fn write_exhausted(
    platform: &Platform,
    account: Option<&Account>,
    minutes: u64,
    headers: &mut HeaderMap,
) {
    insert(headers, APP_USAGE, &numbers(100, None));
    if let Some(account) = account {
        insert(
            headers,
            ACCOUNT_USAGE,
            &by_account(platform, account, 100, minutes),
        );
    }
}

fn by_account(platform: &Platform, account: &Account, percent: u64, minutes: u64) -> String {
    let id = platform.account_id(account, AccountIdForm::Professional);
    format!("{{\"{id}\":[{}]}}", numbers(percent, Some(minutes)))
}

/// Processor time and total time are made up as a share of the calls, so that they rise as well.
fn numbers(percent: u64, minutes: Option<u64>) -> String {
    let times = format!(
        "\"call_count\":{percent},\"total_cputime\":{0},\"total_time\":{0}",
        percent / 4
    );
    match minutes {
        None => format!("{{{times}}}"),
        Some(minutes) => {
            format!("{{\"type\":\"instagram\",{times},\"estimated_time_to_regain_access\":{minutes}}}")
        }
    }
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
