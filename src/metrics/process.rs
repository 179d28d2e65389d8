//! What every Prometheus client reports about its process, under the usual names.
//!
//! Written at each look, because the recorder's counters hold whole numbers and processor time is none.

use std::fmt::Write;
use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

/// Parts of a second in which the kernel reports processor time to programs, on every architecture that we build for.
const TICKS: f64 = 100.0;
const KIB: f64 = 1_024.0;

/// The numbers that the system reports; those that it does not report are left out.
pub(super) fn render(started: SystemTime) -> String {
    let since_epoch = started.duration_since(UNIX_EPOCH).unwrap_or_default();
    let numbers = [
        (
            "process_cpu_seconds_total",
            "counter",
            "Processor time used, in seconds.",
            cpu_seconds(),
        ),
        (
            "process_resident_memory_bytes",
            "gauge",
            "Memory that is held, in bytes.",
            status("VmRSS:").map(|kib| kib * KIB),
        ),
        (
            "process_virtual_memory_bytes",
            "gauge",
            "Address space that is taken, in bytes.",
            status("VmSize:").map(|kib| kib * KIB),
        ),
        (
            "process_threads",
            "gauge",
            "Threads that run.",
            status("Threads:"),
        ),
        (
            "process_open_fds",
            "gauge",
            "Open files and connections.",
            open_files(),
        ),
        (
            "process_max_fds",
            "gauge",
            "Files and connections that may be open.",
            most_files(),
        ),
        (
            "process_start_time_seconds",
            "gauge",
            "When the process started, in seconds since 1970.",
            Some(since_epoch.as_secs_f64()),
        ),
    ];
    let mut page = String::new();
    for (name, kind, help, value) in numbers {
        if let Some(value) = value {
            // Writing into memory does not fail.
            let _ = writeln!(
                page,
                "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n"
            );
        }
    }
    page
}

/// Fields 14 and 15, counted behind the name, which may hold anything.
fn cpu_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    let (_, behind_name) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = behind_name.split_whitespace().collect();
    let ticks = |field: usize| fields.get(field)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) / TICKS)
}

fn status(name: &str) -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

fn open_files() -> Option<f64> {
    let count = fs::read_dir("/proc/self/fd").ok()?.count();
    u32::try_from(count).ok().map(f64::from)
}

fn most_files() -> Option<f64> {
    let limits = fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn linux_tells_all_of_it() {
        let page = render(SystemTime::now());

        assert_eq!(page.matches("# HELP process_").count(), 7, "{page}");
        let number = |name: &str| {
            let line = page.lines().find(|line| line.starts_with(&format!("{name} ")));
            line.unwrap().rsplit(' ').next().unwrap().parse::<f64>().unwrap()
        };
        assert!(number("process_resident_memory_bytes") > 1_000_000.0);
        assert!(number("process_open_fds") >= 3.0);
        assert!(number("process_start_time_seconds") > 1.7e9);
    }
}
