//! What documents name is there.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Folders whose files documents name by their path from the root.
const FOLDERS: [&str; 11] = [
    "api",
    "bench",
    "core",
    "entity",
    "instagram",
    "migration",
    "queue",
    "redis",
    "scripts",
    "src",
    "tests",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn documents() -> Vec<PathBuf> {
    let in_folder = |folder: &str| {
        let entries = fs::read_dir(root().join(folder)).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect::<Vec<_>>()
    };
    let all = [in_folder("."), in_folder("docs"), in_folder("docs/design")];
    let documents = all
        .into_iter()
        .flatten()
        .filter(|path| path.extension().is_some_and(|ending| ending == "md"));
    documents.collect()
}

/// Paths between backticks; those with a placeholder name no one file.
fn paths(text: &str) -> BTreeSet<&str> {
    let quoted = text.split('`').skip(1).step_by(2);
    let paths = quoted.filter(|word| {
        let folder = word.split('/').next().unwrap_or_default();
        let is_plain = word
            .chars()
            .all(|sign| sign.is_ascii_alphanumeric() || "/._-".contains(sign));
        word.contains('/') && is_plain && FOLDERS.contains(&folder)
    });
    paths.collect()
}

#[test]
fn every_path_that_a_document_names_exists() {
    let mut named = 0;
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for path in paths(&text) {
            // Measurements leave their results there; they are in no commit.
            if path == "bench/results/" {
                continue;
            }
            named += 1;
            assert!(root().join(path).exists(), "{}: {path}", document.display());
        }
    }
    assert!(named > 100, "{named}");
}
