//! Whole numbers: `134.0` is one in JSON Schema, and so it is here.

use serde::{Deserialize, Deserializer, de::Error};

/// Every whole number up to here has a float of its own.
const LARGEST: f64 = 9_007_199_254_740_992.0;

/// A whole number, however it is written: put it beside `#[serde(default)]` and `deserialize_with`.
pub(crate) fn whole<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: TryFrom<i64>,
    D: Deserializer<'de>,
{
    let number = Option::<serde_json::Number>::deserialize(deserializer)?;
    number
        .map(|number| {
            in_range(&number).ok_or_else(|| Error::custom("expected a whole number that is not too large"))
        })
        .transpose()
}

/// The same, and tells a field that is `null` from one that is absent.
pub(crate) fn nullable_whole<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: TryFrom<i64>,
    D: Deserializer<'de>,
{
    whole(deserializer).map(Some)
}

fn in_range<T: TryFrom<i64>>(number: &serde_json::Number) -> Option<T> {
    let whole = number.as_i64().or_else(|| of_float(number.as_f64()?))?;
    T::try_from(whole).ok()
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "it is whole, and in the range where floats are exact"
)]
fn of_float(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() <= LARGEST).then_some(number as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Order {
        #[serde(default, deserialize_with = "whole")]
        count: Option<u32>,
    }

    #[test]
    fn a_whole_number_is_one_however_it_is_written() {
        for (text, count) in [
            ("7", Some(7)),
            ("7.0", Some(7)),
            ("7e1", Some(70)),
            ("null", None),
        ] {
            let order: Order = serde_json::from_str(&format!("{{\"count\": {text}}}")).unwrap();
            assert_eq!(order, Order { count }, "{text}");
        }
        assert_eq!(
            serde_json::from_str::<Order>("{}").unwrap(),
            Order { count: None }
        );
        for text in ["7.5", "-1", "-1.0", "4294967296", "1e300", "true", "\"7\""] {
            assert!(
                serde_json::from_str::<Order>(&format!("{{\"count\": {text}}}")).is_err(),
                "{text}"
            );
        }
    }
}
