//! What the system allows.

use super::{KEY, Shell};

/// As a service manager starts it that allows few open files, and more to whoever asks.
fn said(shell: &Shell, soft: u32, hard: u32) -> String {
    let limits = format!("ulimit -Sn {soft} && ulimit -Hn {hard}");
    shell.run_after(&limits, &["api", "--listen", "127.0.0.1:0"]).said
}

#[test]
fn a_process_uses_all_open_files_that_it_may_have_and_warns_of_too_few() {
    let shell = Shell::new()
        .with_app()
        .set("VITRINE_SECURITY__MASTER_KEY", KEY)
        .set("VITRINE_SERVER__MAX_CONNECTIONS", "600");
    let warns = |said: &str| said.lines().any(|line| line.contains("LimitNOFILE"));

    let enough = said(&shell, 256, 1_000);
    assert!(!warns(&enough), "{enough}");
    let few = said(&shell, 256, 800);
    assert!(warns(&few) && few.contains("holds 534 connections"), "{few}");
    let of_no_wish = said(&shell.set("VITRINE_SERVER__MAX_CONNECTIONS", ""), 256, 800);
    assert!(!warns(&of_no_wish), "{of_no_wish}");
}
