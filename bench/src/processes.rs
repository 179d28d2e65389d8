//! Processor time and memory of the processes that a measurement starts, from `/proc`.

use anyhow::Context;
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fs,
};

/// Linux counts processor time in hundredths of a second, whatever the kernel's own tick.
const TICKS_PER_SECOND: f64 = 100.0;

/// What `/proc/<id>/stat` says of one process.
struct Stat {
    id: u32,
    name: String,
    parent: u32,
    /// Its own time and that of children that it has waited for, in seconds.
    cpu_seconds: f64,
}

/// Processor seconds used so far by everything that this process started, by the name of the program.
/// What this process itself uses is left out.
pub(crate) fn cpu_by_program() -> anyhow::Result<BTreeMap<String, f64>> {
    let all = all()?;
    let parents: HashMap<u32, u32> = all.iter().map(|stat| (stat.id, stat.parent)).collect();
    let mut sums = BTreeMap::new();
    for stat in all.iter().filter(|stat| is_ours(stat.parent, &parents)) {
        *sums.entry(stat.name.clone()).or_default() += stat.cpu_seconds;
    }
    Ok(sums)
}

/// What was used between two readings.
pub(crate) fn difference(
    before: &BTreeMap<String, f64>,
    after: &BTreeMap<String, f64>,
) -> BTreeMap<String, f64> {
    let used = |(name, seconds): (&String, &f64)| {
        let earlier = before.get(name).copied().unwrap_or_default();
        (name.clone(), (seconds - earlier).max(0.0))
    };
    after.iter().map(used).collect()
}

/// Processor seconds that one process has used so far.
pub(crate) fn cpu_of(id: u32) -> anyhow::Result<f64> {
    Ok(read(id)
        .with_context(|| format!("process {id} is gone"))?
        .cpu_seconds)
}

/// Memory of one process in bytes: what it holds now, and the most that it ever held.
pub(crate) fn resident_of(id: u32) -> anyhow::Result<(u64, u64)> {
    let status = fs::read_to_string(format!("/proc/{id}/status"))?;
    let field = |name: &str| -> anyhow::Result<u64> {
        let line = status
            .lines()
            .find(|line| line.starts_with(name))
            .context("no such field")?;
        let kibibytes: u64 = line.split_whitespace().nth(1).context("no number")?.parse()?;
        Ok(kibibytes * 1024)
    };
    Ok((field("VmRSS:")?, field("VmHWM:")?))
}

fn all() -> anyhow::Result<Vec<Stat>> {
    let ids = fs::read_dir("/proc")?.flatten();
    let ids = ids.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    // One that ended meanwhile is left out.
    Ok(ids.filter_map(read).collect())
}

fn read(id: u32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let (head, tail) = text.rsplit_once(')')?;
    let fields: Vec<&str> = tail.split_whitespace().collect();
    let ticks: f64 = fields
        .get(11..15)?
        .iter()
        .filter_map(|field| field.parse::<f64>().ok())
        .sum();
    Some(Stat {
        id,
        name: head.split_once('(')?.1.to_owned(),
        parent: fields.get(1)?.parse().ok()?,
        cpu_seconds: ticks / TICKS_PER_SECOND,
    })
}

fn is_ours(parent: u32, parents: &HashMap<u32, u32>) -> bool {
    let (mut at, mut seen) = (parent, HashSet::new());
    while seen.insert(at) {
        if at == std::process::id() {
            return true;
        }
        match parents.get(&at) {
            Some(next) => at = *next,
            None => return false,
        }
    }
    false
}
