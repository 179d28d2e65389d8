//! Whether the catalog and what the program reports are the same.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::beginnings::{KNOWN, begin_at_zero};
use super::meanings::{CATALOG, Kind};
use metrics::with_local_recorder;
use metrics_exporter_prometheus::PrometheusBuilder;

/// The one name of this form that is none of a number.
const COOKIE: &str = "vitrine_refresh";

/// Names in quotes in what ships.
fn written(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !["target", "tests", "bench", "fuzz", "simulator"].contains(&name.as_str()) {
            written(&path, found);
        } else if name.ends_with(".rs") {
            let text = fs::read_to_string(&path).unwrap();
            let names = text.split('"').filter(|part| is_name(part)).map(str::to_owned);
            found.extend(names);
        }
    }
}

fn is_name(text: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_lowercase() || letter == '_';
    text.starts_with("vitrine_") && text.chars().all(plain) && text != COOKIE
}

/// Also none that nobody reports any more.
#[test]
fn every_number_has_its_meaning() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeSet::new();
    for folder in [
        "api/src",
        "core",
        "instagram/src",
        "queue/src",
        "redis/src",
        "worker/src",
    ] {
        written(&root.join(folder), &mut found);
    }
    let own = fs::read_to_string(root.join("src/metrics/mod.rs")).unwrap();
    found.extend(own.split('"').filter(|part| is_name(part)).map(str::to_owned));

    let known = CATALOG.iter().map(|(_, name, _)| (*name).to_owned()).collect();

    assert_eq!(found, known);
}

/// Told by something else from the start: the first by every request, the others by each class of jobs.
const MOVED_OTHERWISE: [&str; 5] = [
    "vitrine_http_requests_total",
    "vitrine_queue_jobs_total",
    "vitrine_queue_leases_lost_total",
    "vitrine_queue_leases_expired_total",
    "vitrine_queue_damage_total",
];

#[test]
fn every_counter_is_there_from_the_start() {
    let handle = PrometheusBuilder::new().build_recorder();
    with_local_recorder(&handle, begin_at_zero);
    let page = handle.handle().render();
    for (kind, name, _) in CATALOG {
        let is_named = |line: &str| line.split(['{', ' ']).next() == Some(*name);
        let begun = page.lines().any(|line| is_named(line) && line.ends_with(" 0"));
        let wanted = *kind == Kind::Counter && !MOVED_OTHERWISE.contains(name);
        assert_eq!(begun, wanted, "{name}");
    }
}

#[test]
fn only_counters_begin_at_zero() {
    for (name, _) in KNOWN {
        let kind = CATALOG
            .iter()
            .find(|(_, known, _)| known == name)
            .map(|(kind, ..)| *kind);
        assert_eq!(kind, Some(Kind::Counter), "{name}");
    }
}
