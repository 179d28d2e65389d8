//! The data directory: one process at a time, and nothing in it for others to read.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use super::running::{KEY, Running, refusal, with_app};

/// The names of a directory's files.
fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn a_second_process_on_the_same_directory_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let first = Running::start_up(path, &with_app(Some(KEY)));
    let before = names(&path.join("data"));
    let demo = [
        ("VITRINE_SERVER__LISTEN", "127.0.0.1:0".to_owned()),
        ("VITRINE_SERVER__METRICS_LISTEN", "127.0.0.1:0".to_owned()),
        ("VITRINE_SIMULATOR__LISTEN", "127.0.0.1:0".to_owned()),
    ];

    let said = refusal(path, "up", &demo);

    assert!(said.contains("./data") && said.contains("another"), "{said}");
    assert_eq!(names(&path.join("data")), before);
    assert!(first.terminate().success());
    assert!(
        Running::start_up(path, &with_app(Some(KEY)))
            .terminate()
            .success()
    );
}

#[test]
fn the_database_file_is_its_owners_alone() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    fs::create_dir(&data).unwrap();
    fs::set_permissions(&data, Permissions::from_mode(0o755)).unwrap();

    let running = Running::start_up(directory.path(), &with_app(Some(KEY)));

    for name in ["vitrine.db", "vitrine.db-wal", "vitrine.db-shm"] {
        let mode = fs::metadata(data.join(name)).unwrap().mode() & 0o777;
        assert_eq!(mode, 0o600, "{name} is {mode:o}");
    }
    assert!(running.terminate().success());
}
