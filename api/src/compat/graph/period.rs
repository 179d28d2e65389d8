//! Times in the words of Instagram's API.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use vitrine_entity::Time;

/// A moment as scripts write one: a Unix timestamp in seconds, a date, or a date with a time and an offset. None for
/// anything else.
pub(super) fn read_moment(text: &str) -> Option<Time> {
    seconds(text).or_else(|| with_offset(text)).or_else(|| day(text))
}

fn seconds(text: &str) -> Option<Time> {
    DateTime::from_timestamp(text.parse().ok()?, 0)
}

/// The platform writes its own times without a colon in the offset.
fn with_offset(text: &str) -> Option<Time> {
    let read = DateTime::parse_from_rfc3339(text);
    let read = read.or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%z"));
    read.ok().map(|moment| moment.with_timezone(&Utc))
}

fn day(text: &str) -> Option<Time> {
    let day: NaiveDate = text.parse().ok()?;
    Some(day.and_time(NaiveTime::MIN).and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_as_scripts_write_it() {
        let moment = read_moment("2026-03-01T12:00:00Z");

        assert!(moment.is_some());
        for same in [
            "1772366400",
            "2026-03-01T12:00:00+0000",
            "2026-03-01T14:00:00+02:00",
        ] {
            assert_eq!(read_moment(same), moment, "{same}");
        }
        assert_eq!(read_moment("2026-03-01"), read_moment("1772323200"));
        for none in ["", "yesterday", "99999999999999999999", "2026-13-01", "12:00"] {
            assert_eq!(read_moment(none), None, "{none}");
        }
    }
}
