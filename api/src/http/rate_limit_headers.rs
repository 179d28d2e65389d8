//! What somebody may still ask for, as header fields (draft-ietf-httpapi-ratelimit-headers-10).

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use std::fmt::Write;
use vitrine_limits::traffic::{Allowance, PlanAllowance};
use vitrine_people::identity::AttemptLimit;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Adds both fields.
pub(crate) fn insert_headers(headers: &mut HeaderMap, allowance: &Allowance) {
    insert(headers, left(allowance), policy(allowance));
}

/// Adds both fields to what is refused because too much was tried.
pub(crate) fn insert_reached(headers: &mut HeaderMap, bound: &AttemptLimit, resets_in_seconds: u64) {
    let policy = format!("\"tries\";q={};w={}", bound.most, bound.window.as_secs());
    insert(headers, format!("\"tries\";r=0;t={resets_in_seconds}"), policy);
}

/// Adds what is left alone, where the policy stands already.
pub(crate) fn insert_remaining(headers: &mut HeaderMap, allowance: &Allowance) {
    if let Ok(value) = HeaderValue::try_from(left(allowance)) {
        headers.insert(RATE_LIMIT, value);
    }
}

fn insert(headers: &mut HeaderMap, left: String, policy: String) {
    for (name, text) in [(RATE_LIMIT, left), (RATE_LIMIT_POLICY, policy)] {
        if let Ok(value) = HeaderValue::try_from(text) {
            headers.insert(name, value);
        }
    }
}

fn left(allowance: &Allowance) -> String {
    let Allowance {
        remaining,
        resets_in_seconds,
        ..
    } = allowance;
    let mut text = format!("\"minute\";r={remaining};t={resets_in_seconds}");
    if let Some(PlanAllowance {
        remaining,
        resets_in_seconds,
        ..
    }) = allowance.plan
    {
        let _never_fails = write!(text, ", \"plan\";r={remaining};t={resets_in_seconds}");
    }
    text
}

fn policy(allowance: &Allowance) -> String {
    let mut text = format!("\"minute\";q={};w=60", allowance.limit);
    if let Some(plan) = allowance.plan {
        let _never_fails = write!(text, ", \"plan\";q={};w=86400", plan.limit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plan_stands_behind_the_minute() {
        let minute = Allowance {
            limit: 60,
            remaining: 59,
            resets_in_seconds: 12,
            plan: None,
        };
        let plan = PlanAllowance {
            limit: 1_000,
            remaining: 0,
            resets_in_seconds: 3_600,
        };
        let mut headers = HeaderMap::new();

        insert_headers(&mut headers, &minute);
        assert_eq!(headers.get("RateLimit").unwrap(), "\"minute\";r=59;t=12");
        assert_eq!(headers.get("RateLimit-Policy").unwrap(), "\"minute\";q=60;w=60");

        insert_headers(
            &mut headers,
            &Allowance {
                plan: Some(plan),
                ..minute
            },
        );
        assert_eq!(
            headers.get("RateLimit").unwrap(),
            "\"minute\";r=59;t=12, \"plan\";r=0;t=3600"
        );
    }
}
