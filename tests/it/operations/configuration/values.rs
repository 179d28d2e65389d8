//! Settings that cannot be right.

use super::Shell;

#[test]
fn unknown_keys_are_refused_with_the_place_they_came_from() {
    let in_file = Shell::new().file("[schedule]\nsync_evry = \"3h\"\n");
    in_file
        .run(&["check-config"])
        .refuses(2, &["schedule.sync_evry", "vitrine.toml", "sync_every"]);

    let section = Shell::new().file("[sheduler]\ntick = \"3h\"\n");
    section
        .run(&["check-config"])
        .refuses(2, &["sheduler", "vitrine.toml"]);

    let in_environment = Shell::new().set("VITRINE_SERVER__LISTN", "127.0.0.1:1");
    in_environment
        .run(&["check-config"])
        .refuses(2, &["server.listn", "VITRINE_SERVER__LISTN"]);

    let no_setting = Shell::new()
        .set("VITRINE_LOG", "vitrine=debug")
        .set("VITRINE_TEST_SOMETHING", "1");
    assert_eq!(no_setting.run(&["check-config"]).code, Some(0));
}

#[test]
fn values_that_make_no_sense_are_refused_one_line_each() {
    for (name, value, words) in [
        (
            "VITRINE_SCHEDULE__SYNC_EVERY",
            "3 parsecs",
            ["schedule.sync_every", "like 3h"],
        ),
        ("VITRINE_SCHEDULE__TICK", "0s", ["schedule.tick", "out of range"]),
        (
            "VITRINE_SERVER__PUBLIC_URL",
            "example.com",
            ["server.public_url", "https://example.com"],
        ),
        (
            "VITRINE_SERVER__LISTEN",
            "8080",
            ["server.listen", "127.0.0.1:8080"],
        ),
        (
            "VITRINE_SERVER__LISTEN",
            "127.0.0.1:80800",
            ["server.listen", "port"],
        ),
        (
            "VITRINE_INSTAGRAM__GRAPH_URL",
            "http://graph.example.com",
            ["instagram.graph_url", "https"],
        ),
        (
            "VITRINE_INSTAGRAM__DIALECT",
            "myspace",
            ["instagram.dialect", "basic_display"],
        ),
        (
            "VITRINE_INSTAGRAM__CALLS_PER_HOUR",
            "0",
            ["instagram.calls_per_hour", "nonzero"],
        ),
        (
            "VITRINE_INSTAGRAM__API_VERSION",
            "25",
            ["instagram.api_version", "v25.0"],
        ),
        (
            "VITRINE_DATABASE__URL",
            "postgres://app:a#b@host/db",
            ["database.url", "# as %23"],
        ),
        (
            "VITRINE_DATABASE__URL",
            "postgres://app@host/db?sslmod=require",
            ["database.url", "sslmod"],
        ),
        (
            "VITRINE_REDIS__URL",
            "redis+cluster://one:7000?nodes=two:7001",
            ["redis.url", "node=host:port"],
        ),
        (
            "VITRINE_INSTAGRAM__MEDIA_HOSTS",
            "a.example,b.example",
            ["instagram.media_hosts", "is not a list"],
        ),
        (
            "VITRINE_INSTAGRAM__CLIENT_ID",
            "1",
            ["instagram.client_secret", "missing"],
        ),
        (
            "VITRINE_SIGNUP__ENABLED",
            "perhaps",
            ["signup.enabled", "boolean"],
        ),
        (
            "VITRINE_SIGNUP__PER_NETWORK_PER_HOUR",
            "0",
            ["signup.per_network_per_hour", "nonzero"],
        ),
    ] {
        Shell::new()
            .set(name, value)
            .run(&["check-config"])
            .refuses(2, &words);
    }
}

#[test]
fn a_lease_is_neither_a_moment_nor_an_age() {
    for (value, allowed) in [("999ms", false), ("1s", true), ("10m", true), ("11m", false)] {
        let shell = Shell::new().file(&format!("[worker]\nlease = \"{value}\"\n"));
        let run = shell.run(&["check-config"]);
        if allowed {
            assert_eq!(run.code, Some(0), "{value}");
        } else {
            run.refuses(2, &["worker.lease", "between 1s and 10m"]);
        }
    }
}

#[test]
fn schedules_that_cannot_work_are_refused() {
    for (name, value, words) in [
        ("refresh_every", "51d", ["schedule.refresh_every", "50d"]),
        ("refresh_min_age", "23h", ["schedule.refresh_min_age", "24h"]),
        ("sync_every", "4m", ["schedule.sync_every", "5m"]),
        ("sync_every", "49h", ["schedule.sync_every", "2d"]),
        ("tick", "9ms", ["schedule.tick", "10ms"]),
        ("tick", "61s", ["schedule.tick", "1m"]),
    ] {
        Shell::new()
            .file(&format!("[schedule]\n{name} = \"{value}\"\n"))
            .run(&["check-config"])
            .refuses(2, &words);
    }
    let at_the_bounds = "[schedule]\nrefresh_every = \"50d\"\nrefresh_min_age = \"24h\"\n";
    for rest in [
        "sync_every = \"5m\"\ntick = \"10ms\"",
        "sync_every = \"2d\"\ntick = \"1m\"",
    ] {
        let shell = Shell::new().file(&format!("{at_the_bounds}{rest}\n"));
        assert_eq!(shell.run(&["check-config"]).code, Some(0));
    }
}

#[test]
fn a_refused_secret_is_not_repeated() {
    for (name, value) in [
        (
            "VITRINE_DATABASE__URL",
            "mysql://owner:hunter2@db.example/vitrine",
        ),
        ("VITRINE_REDIS__URL", "http://:hunter2@cache.example"),
        ("VITRINE_SECURITY__MASTER_KEY", "hunter2"),
        (
            "VITRINE_INSTAGRAM__GRAPH_URL",
            "https://owner:hunter2@graph.example",
        ),
    ] {
        let ended = Shell::new().set(name, value).run(&["check-config"]);
        ended.refuses(2, &[name]);
        assert!(!ended.said.contains("hunter2"), "{}", ended.said);
    }
    let broken = Shell::new()
        .file("[instagram]\nclient_secret = hunter2\n")
        .run(&["check-config"]);
    broken.refuses(2, &["vitrine.toml", "line 2"]);
    assert!(!broken.said.contains("hunter2"), "{}", broken.said);
}

#[test]
fn weak_master_keys_are_refused() {
    for weak in [
        "c2hvcnQ=",
        "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=",
        "not base64 at all!",
    ] {
        let shell = Shell::new().with_app().set("VITRINE_SECURITY__MASTER_KEY", weak);
        shell.run(&["api"]).refuses(2, &["security.master_key"]);
    }
}
