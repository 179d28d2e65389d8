//! Where settings come from, and what is shown of them.

use super::{KEY, Shell};

#[test]
fn the_effective_configuration_is_printed_without_its_secrets() {
    let shell = Shell::new()
        .with_app()
        .set("VITRINE_SECURITY__MASTER_KEY", KEY)
        .set(
            "VITRINE_DATABASE__URL",
            "postgres://owner:hunter2@db.example/vitrine?password=hunter2",
        )
        .set("VITRINE_REDIS__URL", "redis://:hunter2@cache.example:6379/1");

    let shown = shell.run(&["check-config"]);

    assert_eq!(shown.code, Some(0), "{}", shown.said);
    for line in [
        "client_id = \"990602627938098\"",
        "client_secret = \"[set]\"",
        "master_key = \"[set]\"",
        "url = \"postgres://owner:[set]@db.example/vitrine\"",
        "url = \"redis://:[set]@cache.example:6379/1\"",
        "authorize_url = \"https://www.instagram.com/oauth/authorize\"",
        "refresh_min_age = \"25h\"",
    ] {
        assert!(
            shown.printed.lines().any(|printed| printed == line),
            "no {line} in:\n{}",
            shown.printed
        );
    }
    for secret in ["hunter2", KEY, "app-secret-of-the-test"] {
        assert!(
            !format!("{}{}", shown.printed, shown.said).contains(secret),
            "{secret}"
        );
    }
    assert!(
        Shell::new()
            .run(&["check-config"])
            .printed
            .contains("master_key = \"[not set]\"")
    );
}

#[test]
fn the_later_source_wins() {
    let shell = Shell::new()
        .file("[server]\nlisten = \"127.0.0.1:1001\"\n[schedule]\ntick = \"2s\"\nsync_every = \"5h\"\n")
        .set("VITRINE_SERVER__LISTEN", "127.0.0.1:1002")
        .set("VITRINE_SCHEDULE__TICK", "250ms")
        .set("VITRINE_SERVER__WORKERS", "");

    let shown = shell.run(&["check-config", "--listen", "127.0.0.1:1003"]).printed;

    for line in [
        "listen = \"127.0.0.1:1003\"",
        "tick = \"250ms\"",
        "sync_every = \"5h\"",
    ] {
        assert!(shown.contains(line), "no {line} in:\n{shown}");
    }
}

#[test]
fn the_example_file_holds_the_defaults() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/vitrine.example.toml");

    let from_file = Shell::new().run(&["check-config", "--config", example]);

    assert_eq!(
        from_file.printed,
        Shell::new().run(&["check-config"]).printed,
        "{}",
        from_file.said
    );
}

#[test]
fn a_list_in_the_environment_is_a_json_array() {
    let shell = Shell::new().set(
        "VITRINE_INSTAGRAM__MEDIA_HOSTS",
        r#"["one.example", "two.example"]"#,
    );

    let shown = shell.run(&["check-config"]).printed;

    assert!(
        shown.contains(r#"media_hosts = ["one.example", "two.example"]"#),
        "{shown}"
    );
}

#[test]
fn a_settings_file_that_is_named_must_be_there() {
    Shell::new()
        .run(&["check-config", "--config", "elsewhere.toml"])
        .refuses(2, &["elsewhere.toml"]);
}
