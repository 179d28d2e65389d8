//! Used-up budgets.

use std::time::Duration;

use vitrine_instagram::FailureKind::{self, Throttled};
use vitrine_instagram::ThrottleScope::{self, Account, App};

use crate::refusals::graph;
use crate::server::{answer, media_failure, media_kind};

const fn throttled(scope: ThrottleScope, wait: Option<u64>) -> FailureKind {
    match wait {
        Some(seconds) => Throttled {
            scope,
            wait: Some(Duration::from_secs(seconds)),
        },
        None => Throttled { scope, wait: None },
    }
}

#[tokio::test]
async fn throttles_come_before_every_other_rule() {
    let reached = "(#4) Application request limit reached";
    let too_many = "There have been too many calls to this Instagram account. Wait a bit and try again.";
    for (code, subcode, message, expected) in [
        (4, 1_349_210, reached, throttled(App, None)),
        (
            4,
            2_207_051,
            "Application request limit reached",
            throttled(App, None),
        ),
        (341, 0, "Application limit reached", throttled(App, None)),
        (17, 0, "User request limit reached", throttled(Account, None)),
        (32, 0, "Page request limit reached", throttled(Account, None)),
        (
            613,
            1996,
            "Calls to this api have exceeded the rate limit",
            throttled(Account, None),
        ),
        (80_001, 0, too_many, throttled(Account, None)),
        (80_002, 0, too_many, throttled(Account, None)),
        (80_014, 0, too_many, throttled(Account, None)),
        (
            368,
            0,
            "The action attempted has been deemed abusive",
            throttled(Account, Some(6 * 3600)),
        ),
    ] {
        let plain = graph("OAuthException", code, subcode, message);
        let transient = plain.replace("\"type\"", "\"is_transient\":true,\"type\"");
        let steady = plain.replace("\"type\"", "\"is_transient\":false,\"type\"");
        for status in [400, 403, 429, 500] {
            for body in [&plain, &transient, &steady] {
                assert_eq!(
                    media_kind(answer(status, body.as_str())).await,
                    expected,
                    "{status} {body}"
                );
            }
        }
    }
}

#[tokio::test]
async fn the_wait_is_the_longest_that_a_header_tells() {
    let usage = r#"{"17841479677897649":[{"type":"instagram","call_count":100,"total_cputime":25,"total_time":25,"estimated_time_to_regain_access":19}]}"#;
    let refused = || answer(400, graph("OAuthException", 80_002, 0, "too many calls"));

    let failure = media_failure(refused().with("X-Business-Use-Case-Usage", usage)).await;
    assert_eq!(failure.kind, throttled(Account, Some(19 * 60)));
    assert_eq!(failure.usage.account.unwrap().max(), 100);
    assert_eq!(failure.usage.regain_access_in, Some(Duration::from_secs(19 * 60)));

    let later = refused()
        .with("X-Business-Use-Case-Usage", usage)
        .with("Retry-After", "3600");
    assert_eq!(media_kind(later).await, throttled(Account, Some(3600)));
    assert_eq!(
        media_kind(refused().with("Retry-After", "nonsense")).await,
        throttled(Account, None)
    );
}

#[tokio::test]
async fn status_429_is_a_throttle_whatever_the_body() {
    for body in [
        "",
        "<html>slow down</html>",
        "{}",
        r#"{"error":{"message":"?","code":100}}"#,
        "{\"err",
    ] {
        let kind = media_kind(answer(429, body).with("Retry-After", "30")).await;
        assert_eq!(kind, throttled(Account, Some(30)), "{body}");
        assert_eq!(
            media_kind(answer(429, body)).await,
            throttled(Account, None),
            "{body}"
        );
    }
    let old_style = r#"{"error_type":"OAuthRateLimitException","code":429,"error_message":"Too many"}"#;
    assert_eq!(media_kind(answer(400, old_style)).await, throttled(Account, None));
}
