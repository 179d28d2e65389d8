//! The table: medians of the rounds with the lowest and highest, and what they are beside each other.

use super::{
    load::Load,
    rounds::{Measured, Row},
};
use crate::report::{Report, Target};
use serde_json::json;

impl Row {
    fn key(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Nginx => "nginx",
            Self::Warm => "warm",
            Self::Unchanged => "unchanged",
            Self::Brotli => "brotli",
            Self::BareSpread => "bare_spread",
            Self::Spread => "spread",
            Self::Node => "node",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Bare => "a bare actix-web handler",
            Self::Nginx => "nginx, the same bytes as a file",
            Self::Warm => "ours, warm, with key check",
            Self::Unchanged => "ours, answered with 304",
            Self::Brotli => "ours, asked for brotli",
            Self::BareSpread => "the bare handler, asked for all feeds",
            Self::Spread => "ours, all feeds and keys",
            Self::Node => "Node, from Postgres each time",
        }
    }
}

/// What two rows are beside each other.
struct Ratio {
    key: &'static str,
    label: &'static str,
    rows: (Row, Row),
    of: fn(&Load) -> f64,
    target: Target,
}

const fn rates(key: &'static str, label: &'static str, rows: (Row, Row), least: f64) -> Ratio {
    Ratio {
        key,
        label,
        rows,
        of: |load| load.per_second,
        target: Target::AtLeast(least),
    }
}

const fn latencies(key: &'static str, label: &'static str, rows: (Row, Row), target: Target) -> Ratio {
    Ratio {
        key,
        label,
        rows,
        of: |load| load.p99,
        target,
    }
}

const RATIOS: [Ratio; 6] = [
    rates("warm_to_bare", "warm / bare", (Row::Warm, Row::Bare), 0.9),
    rates("warm_to_nginx", "warm / nginx", (Row::Warm, Row::Nginx), 1.0),
    rates("warm_to_node", "warm / Node", (Row::Warm, Row::Node), 15.0),
    rates(
        "spread_to_bare",
        "all feeds / bare, same load",
        (Row::Spread, Row::BareSpread),
        0.8,
    ),
    latencies(
        "warm_p99_to_bare",
        "p99: warm / bare",
        (Row::Warm, Row::Bare),
        Target::AtMost(1.5),
    ),
    latencies(
        "warm_p99_to_nginx",
        "p99: warm / nginx",
        (Row::Warm, Row::Nginx),
        Target::None,
    ),
];

/// Reports everything.
pub(super) fn tell(measured: &Measured, report: &mut Report) {
    for (heading, unit, suffix, of) in COLUMNS {
        report.heading(heading);
        for (row, loads) in &measured.loads {
            let key = format!("{}_{suffix}", row.key());
            report.rounds(
                &key,
                row.label(),
                loads.iter().map(of).collect(),
                unit,
                Target::None,
            );
        }
    }
    report.heading("Beside each other, round by round");
    for ratio in RATIOS {
        let rows = (
            measured.loads.get(&ratio.rows.0),
            measured.loads.get(&ratio.rows.1),
        );
        if let (Some(ours), Some(theirs)) = rows {
            let values = ours
                .iter()
                .zip(theirs)
                .map(|(ours, theirs)| (ratio.of)(ours) / (ratio.of)(theirs));
            report.rounds(ratio.key, ratio.label, values.collect(), "times", ratio.target);
        }
    }
    match measured.brotli_bytes {
        Some(bytes) => report.figure(
            "brotli_bytes",
            "a page in brotli",
            bytes as f64,
            "bytes",
            Target::None,
        ),
        None => report.note(
            "brotli_left_out",
            "asked for brotli, the answer is not compressed",
        ),
    }
    tell_cold(measured, report);
}

type Column = (&'static str, &'static str, &'static str, fn(&Load) -> f64);

const COLUMNS: [Column; 3] = [
    (
        "Requests a second: median of the rounds, lowest and highest",
        "req/s",
        "per_second",
        |load| load.per_second,
    ),
    ("Half were answered within", "ms", "p50_ms", |load| load.p50),
    ("99 of 100 were answered within", "ms", "p99_ms", |load| load.p99),
];

fn tell_cold(measured: &Measured, report: &mut Report) {
    report.heading("A cold feed, all its readers at the same moment");
    let cold = &measured.cold;
    let mut tell = |key: &str, label: &str, values: Vec<f64>, unit: &str, target| {
        if !values.is_empty() {
            report.rounds(key, label, values, unit, target);
        }
    };
    let asked = |of: fn(&super::statements::Asked) -> f64| cold.iter().map(|cold| of(&cold.asked)).collect();
    let one = Target::AtMost(1.0);
    tell(
        "cold_ms",
        "until the last had its answer",
        cold.iter().map(|cold| cold.milliseconds).collect(),
        "ms",
        Target::None,
    );
    tell(
        "cold_reads_of_posts",
        "times the posts were read",
        asked(|asked| asked.reads_of_posts),
        "",
        one,
    );
    tell(
        "cold_most_of_one",
        "times the most frequent statement came",
        asked(|asked| asked.most_of_one),
        "",
        one,
    );
    tell(
        "cold_statements",
        "statements of the database",
        asked(|asked| asked.statements),
        "",
        Target::None,
    );
    tell(
        "cold_loads",
        "loads that the product counts",
        cold.iter().filter_map(|cold| cold.loads).collect(),
        "",
        one,
    );
    tell(
        "cold_renders",
        "renders that the product counts",
        cold.iter().filter_map(|cold| cold.renders).collect(),
        "",
        one,
    );
    let statements = cold.iter().map(|cold| json!(cold.asked.each)).collect();
    report.detail("cold_statements_each", statements);
}
