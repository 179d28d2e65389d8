//! The key that a database was set up with is the only one that opens it.

use super::running::{KEY, Running, refusal, with_app};

const OTHER_KEY: &str = "Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA=";

#[test]
fn another_master_key_is_refused_in_every_role() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    assert!(
        Running::start_up(path, &with_app(Some(KEY)))
            .terminate()
            .success()
    );

    for role in ["up", "api", "worker"] {
        let said = refusal(path, role, &with_app(Some(OTHER_KEY)));
        assert!(
            said.contains("not the one that this database was set up with"),
            "{role}: {said}"
        );
        assert!(!said.contains(KEY) && !said.contains(OTHER_KEY), "{said}");
    }

    assert!(
        Running::start_up(path, &with_app(Some(KEY)))
            .terminate()
            .success()
    );
}

#[test]
fn a_lost_master_key_is_not_replaced_by_a_new_one() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    assert!(Running::start_up(path, &with_app(None)).terminate().success());
    let file = path.join("data/master.key");
    let elsewhere = path.join("master.key");
    std::fs::rename(&file, &elsewhere).unwrap();

    let said = refusal(path, "up", &with_app(None));

    assert!(said.contains("data/master.key"), "{said}");
    assert!(!file.exists());
    std::fs::rename(&elsewhere, &file).unwrap();
    assert!(Running::start_up(path, &with_app(None)).terminate().success());
}
