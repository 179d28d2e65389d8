//! The table: medians of the rounds with the lowest and highest, and what they are beside each other.

use super::{
    cold::Cold,
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
            Self::BarePacked => "bare_packed",
            Self::NginxPacked => "nginx_packed",
            Self::WarmPacked => "warm_packed",
            Self::BareSpread => "bare_spread",
            Self::BareEach => "bare_each",
            Self::BareEachPacked => "bare_each_packed",
            Self::Spread => "spread",
            Self::BareSpreadPacked => "bare_spread_packed",
            Self::SpreadPacked => "spread_packed",
            Self::Node => "node",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Bare => "a bare actix-web handler",
            Self::Nginx => "nginx, the same bytes as a file",
            Self::Warm => "ours, warm, with key check",
            Self::Unchanged => "ours, answered with 304",
            Self::BarePacked => "a bare actix-web handler, Brotli's bytes",
            Self::NginxPacked => "nginx, Brotli's bytes as a file",
            Self::WarmPacked => "ours, warm, with key check, in Brotli",
            Self::BareSpread => "the bare handler, asked for all feeds",
            Self::BareEach => "the same with bytes of its own for each",
            Self::Spread => "ours, all feeds and keys",
            Self::BareSpreadPacked => "the bare handler, asked for all, Brotli's",
            Self::BareEachPacked => "the same with bytes for each, Brotli's",
            Self::SpreadPacked => "ours, all feeds and keys, in Brotli",
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

const RATIOS: [Ratio; 13] = [
    rates("warm_to_bare", "warm / bare", (Row::Warm, Row::Bare), 0.9),
    rates("warm_to_nginx", "warm / nginx", (Row::Warm, Row::Nginx), 1.0),
    rates("warm_to_node", "warm / Node", (Row::Warm, Row::Node), 15.0),
    rates(
        "spread_to_bare",
        "all feeds / bare, same load",
        (Row::Spread, Row::BareSpread),
        0.8,
    ),
    rates(
        "spread_to_bare_each",
        "all feeds / bare with bytes for each",
        (Row::Spread, Row::BareEach),
        0.8,
    ),
    rates(
        "spread_packed_to_bare_each",
        "the same, in Brotli",
        (Row::SpreadPacked, Row::BareEachPacked),
        0.8,
    ),
    rates(
        "spread_packed_to_bare",
        "all feeds / bare, in Brotli",
        (Row::SpreadPacked, Row::BareSpreadPacked),
        0.8,
    ),
    rates(
        "packed_to_bare",
        "warm / bare, in Brotli",
        (Row::WarmPacked, Row::BarePacked),
        0.9,
    ),
    rates(
        "packed_to_nginx",
        "warm / nginx, in Brotli",
        (Row::WarmPacked, Row::NginxPacked),
        1.0,
    ),
    rates(
        "packed_to_node",
        "warm in Brotli / Node",
        (Row::WarmPacked, Row::Node),
        15.0,
    ),
    latencies(
        "packed_p99_to_bare",
        "p99: warm / bare, in Brotli",
        (Row::WarmPacked, Row::BarePacked),
        Target::AtMost(1.5),
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
    tell_cold(&measured.cold, report);
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

/// A figure of a cold feed, where it is counted.
type ColdFigure = (
    &'static str,
    &'static str,
    &'static str,
    Target,
    fn(&Cold) -> Option<f64>,
);

const ONE: Target = Target::AtMost(1.0);
const COLD: [ColdFigure; 6] = [
    (
        "ms",
        "until the last had its answer",
        "ms",
        Target::None,
        |cold| Some(cold.milliseconds),
    ),
    ("reads_of_posts", "times the posts were read", "", ONE, |cold| {
        Some(cold.asked.reads_of_posts)
    }),
    (
        "most_of_one",
        "times the most frequent statement came",
        "",
        ONE,
        |cold| Some(cold.asked.most_of_one),
    ),
    (
        "statements",
        "statements of the database",
        "",
        Target::None,
        |cold| Some(cold.asked.statements),
    ),
    ("loads", "loads that the product counts", "", ONE, |cold| {
        cold.loads
    }),
    ("renders", "renders that the product counts", "", ONE, |cold| {
        cold.renders
    }),
];

fn tell_cold(cold: &[Cold], report: &mut Report) {
    report.heading("A cold feed, all its readers at the same moment");
    for (key, label, unit, target, of) in COLD {
        let values: Vec<f64> = cold.iter().filter_map(of).collect();
        if !values.is_empty() {
            report.rounds(&format!("cold_{key}"), label, values, unit, target);
        }
    }
    let statements = cold.iter().map(|cold| json!(cold.asked.each)).collect();
    report.detail("cold_statements_each", statements);
}
