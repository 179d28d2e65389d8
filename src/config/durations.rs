//! Durations as people write them: `3h`, `250ms`, `7d`.

use std::time::Duration;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serializer};

/// Longest duration that makes sense for any setting.
const LONGEST: Duration = Duration::from_secs(366 * 86_400);

/// Reads a duration above zero and of a year at most.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}

/// Durations that may be left out, or be zero.
pub(super) mod or_none {
    use super::{Deserialize, Deserializer, Duration, Error, Serializer, in_range, written};

    /// Reads a duration of a year at most.
    pub(in crate::config) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        let duration = in_range(&String::deserialize(deserializer)?);
        duration.map(Some).map_err(D::Error::custom)
    }

    /// Writes it so that [`deserialize`] reads it back.
    pub(in crate::config) fn serialize<S: Serializer>(
        duration: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match duration {
            None => serializer.serialize_none(),
            Some(duration) if duration.is_zero() => serializer.serialize_str("0s"),
            Some(duration) => serializer.serialize_str(&written(*duration)),
        }
    }
}

/// Writes a duration so that [`deserialize`] reads it back.
pub(super) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&written(*duration))
}

/// One number with the largest unit that leaves no rest.
fn written(duration: Duration) -> String {
    let milliseconds = duration.as_millis();
    let units = [
        (86_400_000, "d"),
        (3_600_000, "h"),
        (60_000, "m"),
        (1_000, "s"),
        (1, "ms"),
    ];
    let fitting = units
        .into_iter()
        .find(|(size, _)| milliseconds >= *size && milliseconds.is_multiple_of(*size));
    match fitting {
        Some((size, unit)) if duration.subsec_nanos().is_multiple_of(1_000_000) => {
            format!("{}{unit}", milliseconds / size)
        }
        _ => humantime::format_duration(duration).to_string(),
    }
}

fn parse(text: &str) -> Result<Duration, String> {
    let duration = in_range(text)?;
    match duration.is_zero() {
        true => Err(out_of_range(text)),
        false => Ok(duration),
    }
}

fn in_range(text: &str) -> Result<Duration, String> {
    let duration = humantime::parse_duration(text.trim())
        .map_err(|_| format!("`{text}` is not a duration; write it like 3h, 250ms or 7d"))?;
    match duration > LONGEST {
        true => Err(out_of_range(text)),
        false => Ok(duration),
    }
}

fn out_of_range(text: &str) -> String {
    format!("`{text}` is out of range; it must be above zero and at most a year")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_as_people_would() {
        for text in ["250ms", "90s", "15m", "25h", "7d", "1500ms", "10us"] {
            assert_eq!(written(parse(text).unwrap()), text);
        }
    }

    #[test]
    fn durations_have_a_unit_and_a_sensible_size() {
        assert_eq!(parse("3h"), Ok(Duration::from_secs(10_800)));
        assert_eq!(parse("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(parse(" 7d "), Ok(Duration::from_secs(7 * 86_400)));
        for bad in ["", "3", "3x", "-3h", "0s", "9999y", "h"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
