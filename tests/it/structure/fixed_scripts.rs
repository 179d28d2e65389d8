//! What Redis runs was written by us: no script is put together from anything that was sent.

use std::{collections::BTreeSet, fs, path::Path};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const CRATES: [&str; 7] = ["api", "core", "instagram", "queue", "redis", "src", "worker"];
/// How a script may come to be: from a file, or from one behind the part that they share.
const FIXED: [&str; 2] = ["include_str!(", "&format!(\"{}\\n{body}\", include_str!("];

/// Visits every file below a directory.
fn visit(directory: &Path, see: &mut impl FnMut(&Path, &str)) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => visit(&path, see),
            false => see(&path, &fs::read_to_string(&path).unwrap_or_default()),
        }
    }
}

fn sources(mut see: impl FnMut(&Path, &str)) {
    for name in CRATES {
        let root = Path::new(ROOT).join(name);
        let inner = root.join("src");
        visit(if inner.is_dir() { &inner } else { &root }, &mut see);
    }
}

#[test]
fn scripts_come_from_files_of_ours() {
    let (mut seen, mut foreign) = (0, Vec::new());
    sources(|path, text| {
        for script in text.split("Script::new(").skip(1) {
            seen += 1;
            if !FIXED.iter().any(|fixed| script.starts_with(fixed)) {
                foreign.push(path.to_owned());
            }
        }
    });

    assert!(seen > 6, "{seen}");
    assert!(foreign.is_empty(), "{foreign:?}");
}

#[test]
fn scripts_run_nothing_that_they_are_given() {
    let (mut seen, mut running) = (0, Vec::new());
    sources(|path, text| {
        if path.extension().is_some_and(|extension| extension == "lua") {
            seen += 1;
            let runs = |word: &&str| text.contains(*word);
            running.extend(
                ["load(", "loadstring(", "dofile("]
                    .iter()
                    .filter(|word| runs(word))
                    .map(|_| path.to_owned()),
            );
        }
    });

    assert!(seen > 6, "{seen}");
    assert!(running.is_empty(), "{running:?}");
}

/// Commands that a script runs by name.
fn commands(text: &str) -> BTreeSet<String> {
    let after = |start: &'static str| text.split(start).skip(1);
    let called = after("call('").chain(after("call(\""));
    let names = called.filter_map(|rest| rest.split(['\'', '"']).next());
    names.map(str::to_uppercase).collect()
}

/// A right that is missing shows before the first job needs it.
#[test]
fn readiness_tries_every_command_that_a_script_runs() {
    let (mut used, mut tried) = (BTreeSet::new(), BTreeSet::new());
    // Named in the shared beginning by whoever calls it.
    used.extend(["LPUSH", "RPUSH"].map(str::to_owned));
    sources(
        |path, text| match path.file_name().and_then(|name| name.to_str()) {
            Some("probe.lua") => tried = commands(text),
            Some(name) if name.ends_with(".lua") => used.extend(commands(text)),
            _ => {}
        },
    );

    assert!(used.len() > 20, "{used:?}");
    let untried: Vec<_> = used.difference(&tried).collect();
    assert!(untried.is_empty(), "{untried:?}");
}
