//! What was measured: a table for people, JSON for programs.

use serde_json::{Map, Value, json};
use std::path::Path;

/// Collects figures and prints each as it comes.
pub(crate) struct Report {
    figures: Map<String, Value>,
}

/// What a figure should be.
#[derive(Clone, Copy)]
pub(crate) enum Target {
    /// This or more.
    AtLeast(f64),
    /// Less than this.
    Under(f64),
    /// This or less.
    AtMost(f64),
    /// No target.
    None,
}

impl Target {
    fn words(self, value: f64) -> String {
        let (words, reached) = match self {
            Self::None => return String::new(),
            Self::AtLeast(least) => (format!("at least {least}"), value >= least),
            Self::Under(limit) => (format!("under {limit}"), value < limit),
            Self::AtMost(most) => (format!("at most {most}"), value <= most),
        };
        format!("{words}: {}", if reached { "reached" } else { "NOT reached" })
    }
}

impl Report {
    pub(crate) fn new() -> Self {
        Self { figures: Map::new() }
    }

    /// A heading of the table.
    pub(crate) fn heading(&self, text: &str) {
        say(&format!("\n{text}"));
    }

    /// A line of the table that is no figure; kept under `key` in the JSON.
    pub(crate) fn note(&mut self, key: &str, text: &str) {
        say(&format!("  {text}"));
        self.figures.insert(key.to_owned(), json!(text));
    }

    /// One figure; `key` is its name in the JSON.
    pub(crate) fn figure(&mut self, key: &str, label: &str, value: f64, unit: &str, target: Target) {
        let words = target.words(value);
        let digits = if value.abs() >= 1_000.0 { 0 } else { 2 };
        let line = format!("  {label:<52} {value:>12.digits$} {unit:<10} {words}");
        say(line.trim_end());
        self.figures.insert(key.to_owned(), json!(value));
    }

    /// One figure that was measured several times: the median, and the lowest and highest. All are kept under `key`
    /// in the JSON.
    pub(crate) fn rounds(&mut self, key: &str, label: &str, values: Vec<f64>, unit: &str, target: Target) {
        let middle = median(values.clone());
        let words = target.words(middle);
        let lowest = values.iter().copied().fold(f64::INFINITY, f64::min);
        let highest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let digits = if middle.abs() >= 1_000.0 { 0 } else { 2 };
        let spread = format!("({lowest:.digits$} to {highest:.digits$})");
        let line = format!("  {label:<40} {middle:>10.digits$} {unit:<6} {spread:<22} {words}");
        say(line.trim_end());
        self.figures
            .insert(key.to_owned(), json!({ "median": middle, "rounds": values }));
    }

    /// More for the JSON alone.
    pub(crate) fn detail(&mut self, key: &str, value: Value) {
        self.figures.insert(key.to_owned(), value);
    }

    /// Writes the JSON to a file, and prints it as the last line.
    pub(crate) fn finish(self, file: &Path) -> anyhow::Result<()> {
        let figures = Value::Object(self.figures);
        if let Some(directory) = file.parent() {
            std::fs::create_dir_all(directory)?;
        }
        std::fs::write(file, format!("{figures:#}\n"))?;
        say(&format!("\nwritten to {}", file.display()));
        say(&figures.to_string());
        Ok(())
    }
}

/// Tells what is being done, so that a long run is not a silent one.
pub(crate) fn say(text: &str) {
    #[expect(clippy::print_stdout, reason = "the table is what the program is for")]
    {
        println!("{text}");
    }
}

/// The middle one.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    percentile(&mut values, 0.5)
}

/// The value that this share of all values does not exceed; zero when there are none.
pub(crate) fn percentile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    let place = (share * last as f64).ceil() as usize;
    values.get(place.min(last)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_seen() {
        let mut values: Vec<f64> = (1..=100).rev().map(f64::from).collect();

        assert_eq!(percentile(&mut values, 0.99), 100.0);
        assert_eq!(percentile(&mut values, 0.5), 51.0);
        assert_eq!(percentile(&mut [], 0.5), 0.0);
    }
}
