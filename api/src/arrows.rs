//! The modules of this crate name each other only downwards.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// From the bottom to the top: a module names itself and those before it.
const ORDER: [&str; 12] = [
    "transport",
    "probe",
    "app",
    "http",
    "openapi",
    "public",
    "operators",
    "pages",
    "v1",
    "compat",
    "routes",
    "server",
];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn place(module: &str) -> usize {
    let place = ORDER.iter().position(|known| *known == module);
    place.unwrap_or_else(|| panic!("{module} has no place in the order"))
}

/// Every file of code at or below a path, without those of tests.
fn files(path: &Path) -> Vec<PathBuf> {
    let is_code = path.extension().is_some_and(|ending| ending == "rs");
    match fs::read_dir(path) {
        _ if path.file_stem().is_some_and(|name| name == "tests") => Vec::new(),
        Ok(entries) => entries.flat_map(|entry| files(&entry.unwrap().path())).collect(),
        Err(_) => is_code.then(|| path.to_owned()).into_iter().collect(),
    }
}

fn word(text: &str) -> &str {
    let end = text.find(|sign: char| !(sign.is_alphanumeric() || sign == '_'));
    &text[..end.unwrap_or(text.len())]
}

/// The modules of this crate that a text without spaces names, alone or in a group.
fn named(text: &str) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    for (at, root) in text.match_indices("crate::") {
        let rest = &text[at + root.len()..];
        names.insert(word(rest));
        let mut depth = 0;
        for (at, sign) in rest.char_indices().take_while(|_| rest.starts_with('{')) {
            match sign {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
            if depth == 1 && matches!(sign, '{' | ',') {
                names.insert(word(&rest[at + 1..]));
            }
        }
    }
    names.remove("");
    names
}

#[test]
fn modules_are_found_alone_and_in_groups() {
    let text = "usecrate::{app::App,http::{auth::Caller,problem},v1};crate::routes::configure";

    assert_eq!(named(text), BTreeSet::from(["app", "http", "routes", "v1"]));
}

#[test]
fn no_module_names_one_above_it() {
    let mut seen = 0;
    for module in ORDER {
        let (folder, file) = (source().join(module), source().join(module).with_extension("rs"));
        for path in files(if folder.is_dir() { &folder } else { &file }) {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod ").next().unwrap();
            let code: String = code.split_whitespace().collect();
            for name in named(&code) {
                seen += 1;
                assert!(place(name) <= place(module), "{} names {name}", path.display());
            }
        }
    }
    assert!(seen > 100, "{seen}");
}
