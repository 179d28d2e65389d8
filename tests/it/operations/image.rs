//! What the image of the deployment holds.

use std::{fs, path::Path};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(name)).unwrap()
}

/// The instructions of the stage that is shipped, each on a line of its own.
fn shipped() -> Vec<String> {
    let text = read("Dockerfile").replace("\\\n", " ");
    let (_, last) = text.rsplit_once("\nFROM ").unwrap();
    last.lines().map(str::to_owned).collect()
}

#[test]
fn the_image_holds_the_program_and_nothing_of_the_sources() {
    let mut brought = shipped();
    brought.retain(|line| line.starts_with("COPY") || line.starts_with("ADD"));

    assert_eq!(
        brought,
        ["COPY --from=builder /usr/local/bin/vitrine /usr/local/bin/vitrine"]
    );
}

#[test]
fn nobody_runs_it_as_root() {
    let users: Vec<String> = shipped()
        .into_iter()
        .filter(|line| line.starts_with("USER"))
        .collect();

    assert_eq!(users, ["USER 10001:10001"]);
}

#[test]
fn history_and_secrets_are_not_sent_to_the_builder() {
    let ignored = read(".dockerignore");
    let ignored: Vec<&str> = ignored.lines().collect();

    for name in [".git", ".env", ".env.*", "data", "target"] {
        assert!(ignored.contains(&name), "{name}");
    }
}
