//! One HTTP answer, and what it means.

use std::time::Duration;

use chrono::DateTime;
use reqwest::header::{self, HeaderMap};
use serde_json::Value;

use crate::answers::json::{self, Unreadable};
use crate::endpoint::Endpoint;
use crate::failure::{Cause, Failure, FailureKind};
use crate::refusals::classification;
use crate::refusals::envelope::Refused;
use crate::refusals::refused_field::refused_field;
use crate::usage::{self, Answer, Usage};

/// How the JSON of a successful answer is turned into a value.
pub(crate) type Reader<T> = fn(&Value) -> Result<T, Unreadable>;

/// Status, what the headers report, and the body or why there is none.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) usage: Usage,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) body: Result<Vec<u8>, Cause>,
}

impl Reply {
    pub(crate) fn interpret<T>(self, endpoint: Endpoint, read: Reader<T>) -> Result<Answer<T>, Failure> {
        let Self {
            status,
            usage,
            retry_after,
            body,
        } = self;
        let wait = usage.regain_access_in.max(retry_after);
        let told = |failure: Failure| Failure {
            status: Some(status),
            usage,
            ..failure
        };

        let answer = body
            .and_then(|body| json::parse(&body).map_err(Cause::from))
            .map_err(|cause| told(unusable(endpoint, status, wait, cause)))?;
        if let Some(refused) = Refused::find(&answer) {
            return Err(told(refusal_failure(endpoint, status, refused, wait)));
        }
        if !(200..300).contains(&status) {
            return Err(told(Failure::from(classification::by_status(status, wait))));
        }
        match read(&answer) {
            Ok(value) => Ok(Answer { value, usage }),
            Err(cause) => Err(told(Failure::because(FailureKind::Retry, cause.into()))),
        }
    }
}

/// No body, or none that is JSON. Instagram itself always answers in JSON, so this is trouble on the way,
/// whatever the status; only 429 speaks for itself.
fn unusable(endpoint: Endpoint, status: u16, wait: Option<Duration>, cause: Cause) -> Failure {
    let kind = match cause {
        _ if status == 429 => classification::by_status(status, wait),
        Cause::TooLarge { .. } if endpoint == Endpoint::Media => FailureKind::RetrySmaller,
        _ => FailureKind::Retry,
    };
    Failure::because(kind, cause)
}

fn refusal_failure(endpoint: Endpoint, status: u16, refused: Refused, wait: Option<Duration>) -> Failure {
    let kind = classification::classify(endpoint, status, &refused, wait);
    let source = refused_field(kind, &refused).map(|field| Box::new(Cause::FieldRefused(field)));
    Failure {
        source,
        code: refused.code,
        subcode: refused.subcode,
        fbtrace_id: refused.trace_id,
        ..Failure::from(kind)
    }
}

/// `Retry-After` in seconds, or as a date that is compared with the answer's own `Date`.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::trim)
    };
    let told = text(header::RETRY_AFTER)?;
    if let Ok(seconds) = told.parse::<u32>() {
        return Some(usage::bounded_wait(f64::from(seconds)));
    }
    let until = DateTime::parse_from_rfc2822(told).ok()?;
    let sent = DateTime::parse_from_rfc2822(text(header::DATE)?).ok()?;
    (until - sent)
        .to_std()
        .ok()
        .map(|wait| usage::bounded_wait(wait.as_secs_f64()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let date = ("date", "Mon, 23 Nov 2026 18:00:00 GMT");
        for (value, expected) in [
            ("120", Some(120)),
            ("Mon, 23 Nov 2026 18:05:00 GMT", Some(300)),
            ("Mon, 23 Nov 2026 17:00:00 GMT", None),
            ("soon", None),
            ("-1", None),
            ("4294967295", Some(7 * 24 * 3600)),
        ] {
            let wait = retry_after(&headers(&[("retry-after", value), date]));
            assert_eq!(wait, expected.map(Duration::from_secs), "{value}");
        }
        assert_eq!(
            retry_after(&headers(&[("retry-after", "Mon, 23 Nov 2026 18:05:00 GMT")])),
            None
        );
    }
}
