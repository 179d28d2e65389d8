//! Conditional requests (RFC 9110, section 13).

use actix_web::{
    HttpRequest,
    http::header::{
        EntityTag, Header, HttpDate, IF_MODIFIED_SINCE, IF_NONE_MATCH, IfModifiedSince, IfNoneMatch,
    },
};
use std::time::{Duration, SystemTime};
use vitrine_entity::Time;

/// Whether the client already has the answer with this quoted, strong tag and this date.
///
/// `If-None-Match` decides alone where it is sent; a header that cannot be read is ignored.
pub(crate) fn is_fresh(request: &HttpRequest, etag: &str, last_modified: Time) -> bool {
    if request.headers().contains_key(IF_NONE_MATCH) {
        return IfNoneMatch::parse(request).is_ok_and(|condition| names(&condition, etag));
    }
    request.headers().contains_key(IF_MODIFIED_SINCE)
        && IfModifiedSince::parse(request)
            .is_ok_and(|since| SystemTime::from(since.0) >= whole_seconds(last_modified))
}

fn names(condition: &IfNoneMatch, etag: &str) -> bool {
    match condition {
        IfNoneMatch::Any => true,
        IfNoneMatch::Items(tags) => etag
            .parse::<EntityTag>()
            .is_ok_and(|ours| tags.iter().any(|theirs| theirs.weak_eq(&ours))),
    }
}

/// The moment as a `Last-Modified` header says it.
pub(crate) fn http_date(moment: Time) -> HttpDate {
    whole_seconds(moment).into()
}

/// Dates in headers have no fractions, so they are cut before they are compared.
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
        is_fresh(&request.to_http_request(), ETAG, changed)
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
    fn dates_are_compared_in_whole_seconds() {
        assert!(fresh(&[("If-Modified-Since", "Sun, 01 Mar 2026 12:00:00 GMT")]));
        assert!(!fresh(&[("If-Modified-Since", "Sun, 01 Mar 2026 11:59:59 GMT")]));
        assert!(!fresh(&[("If-Modified-Since", "yesterday")]));
    }
}
