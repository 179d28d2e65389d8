//! Modules that stand side by side do not refer to each other in a circle, in any crate.
//!
//! A module and the modules within it may refer to each other: they are one. Code for tests is left out.

mod graph;
mod imports;
mod names;
mod source;

use std::path::Path;

use cargo_metadata::MetadataCommand;

use graph::{Circle, circles};
use source::Modules;

/// The folders of all crates of the workspace, with their names.
fn crates() -> Vec<(String, std::path::PathBuf)> {
    let mut command = MetadataCommand::new();
    command
        .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .no_deps();
    let packages = command.exec().unwrap().packages;
    let folders = packages.into_iter().map(|package| {
        let folder = package.manifest_path.parent().unwrap();
        (package.name.to_string(), folder.join("src").into_std_path_buf())
    });
    folders.collect()
}

/// The circles of one crate that is made of these files.
fn circles_of(files: &[(&str, &str)]) -> Vec<Circle> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let file = folder.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
    circles(&Modules::read(folder.path()))
}

fn read(source: &Path) -> Vec<Circle> {
    let modules = Modules::read(source);
    assert!(
        modules.references().next().is_some(),
        "nothing was read from {}",
        source.display()
    );
    circles(&modules)
}

#[test]
fn no_modules_of_any_crate_refer_to_each_other_in_a_circle() {
    let found: Vec<String> = crates()
        .iter()
        .flat_map(|(name, source)| {
            let circles = read(source).into_iter();
            circles.map(move |circle| format!("{name}, {circle}"))
        })
        .collect();

    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_circle_is_found_through_imports_names_macros_and_what_others_hand_on() {
    let direct = "use crate::b::B; pub struct A(B);";
    let handed_on = "use crate::B; pub struct A(B);";
    let named = "pub struct A(super::b::B);";
    let in_a_macro = "pub fn a() { println!(\"{}\", crate::b::name()) }";

    for first in [direct, handed_on, named, in_a_macro] {
        let found = circles_of(&[
            ("lib.rs", "mod a; mod b; pub use b::B;"),
            ("a.rs", first),
            ("b.rs", "use crate::a::A; pub struct B(Option<Box<A>>);"),
        ]);

        assert_eq!(found.len(), 1, "{first}");
        assert_eq!(found[0].members, ["a", "b"], "{first}");
    }
}

#[test]
fn arrows_in_one_direction_within_a_module_and_of_tests_are_no_circle() {
    let found = circles_of(&[
        ("lib.rs", "mod a; mod b;"),
        (
            "a/mod.rs",
            "mod inner; use crate::b::B; pub struct A(B); pub use inner::Inner;",
        ),
        ("a/inner.rs", "use super::A; pub struct Inner(Option<Box<A>>);"),
        (
            "b.rs",
            "pub struct B; #[cfg(test)] mod tests { use crate::a::A; }",
        ),
    ]);

    assert!(found.is_empty(), "{}", found[0]);
}
