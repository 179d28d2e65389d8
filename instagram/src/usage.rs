//! What the answer headers report of the call budget.

use std::time::Duration;

use reqwest::header::HeaderMap;
use serde::Serialize;
use serde_json::Value;

/// The window of the limits is a day; a longer wait can only be a mistake in the header.
const LONGEST_WAIT: Duration = Duration::from_secs(7 * 24 * 3600);

/// A value together with what the answer's headers reported of the budget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer<T> {
    /// What was asked for.
    pub value: T,
    /// How much of the budget is used; empty when the headers are missing.
    pub usage: Usage,
}

/// Budget use as reported by `X-App-Usage` and `X-Business-Use-Case-Usage`.
///
/// Both headers appear only once enough calls were made, so an empty value says nothing. A header that
/// cannot be read counts as missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Usage {
    /// Use of the app's hourly limit.
    pub app: Option<UsagePercent>,
    /// Use of the limit of app and account together, over 24 hours.
    pub account: Option<UsagePercent>,
    /// Time until a throttled account may be called again, at most 7 days. `None` when not throttled.
    pub regain_access_in: Option<Duration>,
}

/// Percent of a limit used, by each of the three measures. Calls fail when any of them reaches 100. Values
/// above 255 are reported as 255.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct UsagePercent {
    /// Percent of the allowed calls.
    pub call_count: u8,
    /// Percent of the allowed total time.
    pub total_time: u8,
    /// Percent of the allowed CPU time.
    pub total_cputime: u8,
}

impl UsagePercent {
    /// The measure closest to its limit, in percent.
    pub fn max(self) -> u8 {
        self.call_count.max(self.total_time).max(self.total_cputime)
    }

    fn of(value: &Value) -> Option<Self> {
        let object = value.as_object()?;
        let percent = |name: &str| object.get(name).and_then(number).map(saturated);
        let (calls, time, cpu) = (
            percent("call_count"),
            percent("total_time"),
            percent("total_cputime"),
        );
        calls.or(time).or(cpu)?;
        Some(Self {
            call_count: calls.unwrap_or(0),
            total_time: time.unwrap_or(0),
            total_cputime: cpu.unwrap_or(0),
        })
    }

    fn higher(self, other: Self) -> Self {
        Self {
            call_count: self.call_count.max(other.call_count),
            total_time: self.total_time.max(other.total_time),
            total_cputime: self.total_cputime.max(other.total_cputime),
        }
    }
}

impl Usage {
    /// Reads both headers. Never fails: what cannot be read is left out.
    pub(crate) fn from_headers(headers: &HeaderMap) -> Self {
        let mut usage = Self {
            app: json_header(headers, "x-app-usage")
                .as_ref()
                .and_then(UsagePercent::of),
            ..Self::default()
        };
        if let Some(Value::Object(objects)) = json_header(headers, "x-business-use-case-usage") {
            // The key is the business object's id; which one Instagram uses is not documented, so all count.
            for entry in objects.values().filter_map(Value::as_array).flatten() {
                usage.add_account_entry(entry);
            }
        }
        usage
    }

    fn add_account_entry(&mut self, entry: &Value) {
        let kind = entry.get("type").and_then(Value::as_str);
        if kind.is_some_and(|kind| kind != "instagram") {
            return;
        }
        if let Some(percent) = UsagePercent::of(entry) {
            self.account = Some(self.account.map_or(percent, |known| known.higher(percent)));
        }
        let minutes = entry.get("estimated_time_to_regain_access").and_then(number);
        if let Some(minutes) = minutes.filter(|minutes| *minutes > 0.0) {
            let wait = bounded_wait(minutes * 60.0);
            self.regain_access_in = self.regain_access_in.max(Some(wait));
        }
    }
}

/// Seconds as a wait that a caller can safely add to a point in time.
pub(crate) fn bounded_wait(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds)
        .unwrap_or(LONGEST_WAIT)
        .min(LONGEST_WAIT)
}

fn json_header(headers: &HeaderMap, name: &str) -> Option<Value> {
    serde_json::from_slice(headers.get(name)?.as_bytes()).ok()
}

fn number(value: &Value) -> Option<f64> {
    value
        .as_f64()
        .or_else(|| value.as_str()?.trim().parse().ok())
        .filter(|number| number.is_finite())
}

/// Rounds up, so that 99.5 % is not reported as free; casts of floats saturate.
fn saturated(percent: f64) -> u8 {
    percent.ceil() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(app: Option<&str>, account: Option<&str>) -> Usage {
        let mut headers = HeaderMap::new();
        if let Some(value) = app {
            headers.insert("x-app-usage", value.parse().unwrap());
        }
        if let Some(value) = account {
            headers.insert("x-business-use-case-usage", value.parse().unwrap());
        }
        Usage::from_headers(&headers)
    }

    #[test]
    fn the_app_header_is_read_in_any_order_and_with_any_numbers() {
        let table = [
            (
                r#"{"call_count":28,"total_time":25,"total_cputime":25}"#,
                (28, 25, 25),
            ),
            (r#"{"call_count":2,"total_cputime":0,"total_time":8}"#, (2, 8, 0)),
            (
                r#"{"call_count":"99.2","total_time":1e9,"total_cputime":-4}"#,
                (100, 255, 0),
            ),
            (r#"{"call_count":7}"#, (7, 0, 0)),
        ];
        for (header, (calls, time, cpu)) in table {
            let app = usage(Some(header), None).app.unwrap();
            assert_eq!(
                (app.call_count, app.total_time, app.total_cputime),
                (calls, time, cpu),
                "{header}"
            );
            assert_eq!(app.max(), calls.max(time).max(cpu));
        }
    }

    #[test]
    fn the_account_header_tells_percentages_and_minutes() {
        let header = r#"{"17841479677897649":[{"type":"instagram","call_count":100,"total_cputime":25,
            "total_time":26,"estimated_time_to_regain_access":19}]}"#
            .replace('\n', "");
        let usage = usage(None, Some(&header));

        assert_eq!(
            usage.account,
            Some(UsagePercent {
                call_count: 100,
                total_time: 26,
                total_cputime: 25
            })
        );
        assert_eq!(usage.regain_access_in, Some(Duration::from_secs(19 * 60)));
        assert_eq!(usage.app, None);
    }

    #[test]
    fn several_entries_give_their_highest_and_other_products_are_left_out() {
        let header = r#"{"1":[{"type":"instagram","call_count":10,"estimated_time_to_regain_access":0},
            {"type":"pages","call_count":99,"estimated_time_to_regain_access":90}],
            "2":[{"type":"instagram","call_count":3,"total_time":40,"estimated_time_to_regain_access":2}]}"#
            .replace('\n', "");
        let usage = usage(None, Some(&header));

        assert_eq!(
            usage.account,
            Some(UsagePercent {
                call_count: 10,
                total_time: 40,
                total_cputime: 0
            })
        );
        assert_eq!(usage.regain_access_in, Some(Duration::from_secs(120)));
    }

    #[test]
    fn headers_that_make_no_sense_count_as_missing() {
        for nonsense in [
            "",
            "null",
            "[]",
            "{",
            "{}",
            "\"x\"",
            r#"{"1":{}}"#,
            r#"{"1":[1,null,{}]}"#,
            "\u{e9}",
        ] {
            assert_eq!(
                usage(Some(nonsense), Some(nonsense)),
                Usage::default(),
                "{nonsense}"
            );
        }
        let endless = r#"{"1":[{"estimated_time_to_regain_access":1e300}]}"#;
        assert_eq!(usage(None, Some(endless)).regain_access_in, Some(LONGEST_WAIT));
    }
}
