//! Conditional requests (RFC 9110, section 13).

use actix_web::{
    HttpMessage,
    http::header::{
        EntityTag, Header, HttpDate, IF_MODIFIED_SINCE, IF_NONE_MATCH, IfModifiedSince, IfNoneMatch,
    },
};
use std::time::{Duration, SystemTime};
use vitrine_entity::Time;

/// Whether the client already has the answer with this quoted, strong tag and this date.
///
/// `If-None-Match` decides alone where it is sent; a header that cannot be read is ignored.
pub(crate) fn is_fresh(request: &impl HttpMessage, etag: &str, last_modified: Time) -> bool {
    if let Some(known) = has_tag(request, etag) {
        return known;
    }
    request.headers().contains_key(IF_MODIFIED_SINCE)
        && IfModifiedSince::parse(request)
            .is_ok_and(|since| SystemTime::from(since.0) >= second_after(last_modified))
}

/// Whether the client already has the answer with this quoted, strong tag; none where it does not speak of tags.
pub(crate) fn has_tag(request: &impl HttpMessage, etag: &str) -> Option<bool> {
    let asked = request.headers().contains_key(IF_NONE_MATCH);
    asked.then(|| IfNoneMatch::parse(request).is_ok_and(|condition| names(&condition, etag)))
}

fn names(condition: &IfNoneMatch, etag: &str) -> bool {
    match condition {
        IfNoneMatch::Any => true,
        IfNoneMatch::Items(tags) => etag
            .parse::<EntityTag>()
            .is_ok_and(|ours| tags.iter().any(|theirs| theirs.weak_eq(&ours))),
    }
}

/// When something last changed as `Last-Modified` says it `now`, never ahead of the clock.
///
/// Dates in headers have no fractions. Within the second of a change another one may follow, so what is said then is a
/// date that satisfies nobody later; once the second is over, it is the second's end.
pub(crate) fn last_modified_date(changed: Time, now: Time) -> HttpDate {
    second_after(changed).min(whole_seconds(now)).into()
}

/// Whether what [`last_modified_date`] says `now` is what it says from then on.
pub(crate) fn is_settled(changed: Time, now: Time) -> bool {
    second_after(changed) <= SystemTime::from(now)
}

/// The first whole second that is not before the moment.
fn second_after(moment: Time) -> SystemTime {
    let started = moment.timestamp_subsec_nanos() > 0;
    whole_seconds(moment) + Duration::from_secs(started.into())
}

fn whole_seconds(moment: Time) -> SystemTime {
    let seconds = u64::try_from(moment.timestamp()).unwrap_or_default();
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    const ETAG: &str = "\"abc\"";

    fn fresh(headers: &[(&str, &str)]) -> bool {
        let changed: Time = "2026-03-01T12:00:00.900Z".parse().unwrap();
        let request = headers.iter().fold(TestRequest::get(), |request, header| {
            request.append_header(*header)
        });
        is_fresh(&request.to_request(), ETAG, changed)
    }

    #[test]
    fn a_known_tag_is_fresh_alone_in_a_list_weak_or_by_star() {
        for value in [
            ETAG,
            "\"x\", \"abc\"",
            "W/\"abc\"",
            "*",
            "\"x\",W/\"abc\" , \"y\"",
        ] {
            assert!(fresh(&[("If-None-Match", value)]), "{value}");
        }
        assert!(fresh(&[("If-None-Match", "\"x\""), ("If-None-Match", ETAG)]));
    }

    #[test]
    fn another_tag_is_not_fresh_whatever_the_date_says() {
        let later = ("If-Modified-Since", "Sun, 01 Mar 2026 13:00:00 GMT");

        assert!(!fresh(&[("If-None-Match", "\"x\""), later]));
        assert!(!fresh(&[("If-None-Match", "abc"), later]));
        assert!(!fresh(&[]));
    }

    #[test]
    fn a_date_is_fresh_once_the_second_of_the_change_is_over() {
        assert!(fresh(&[("If-Modified-Since", "Sun, 01 Mar 2026 12:00:01 GMT")]));
        assert!(!fresh(&[("If-Modified-Since", "Sun, 01 Mar 2026 12:00:00 GMT")]));
        assert!(!fresh(&[("If-Modified-Since", "yesterday")]));
    }

    #[test]
    fn the_date_of_a_change_is_never_ahead_and_settles_with_its_second() {
        let date = |changed: &str, now: &str| {
            last_modified_date(changed.parse().unwrap(), now.parse().unwrap()).to_string()
        };
        let (changed, first, second) = (
            "2026-03-01T12:00:00.200Z",
            "Sun, 01 Mar 2026 12:00:00 GMT",
            "Sun, 01 Mar 2026 12:00:01 GMT",
        );

        assert_eq!(date(changed, "2026-03-01T12:00:00.900Z"), first);
        assert_eq!(date(changed, "2026-03-01T12:00:01.100Z"), second);
        assert_eq!(date(changed, "2026-03-02T12:00:00Z"), second);
        assert_eq!(date("2026-03-01T12:00:01Z", "2026-03-02T12:00:00Z"), second);
    }
}
