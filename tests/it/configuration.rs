//! The program as an operator meets it: its settings, its refusals and its exit codes.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;
use vitrine_test_support::{database, free_port};

/// 32 bytes that repeat nothing.
const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// A directory of its own and an environment that nothing leaks into.
struct Shell {
    directory: TempDir,
    variables: Vec<(&'static str, String)>,
}

impl Shell {
    fn new() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
            variables: Vec::new(),
        }
    }

    fn set(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.variables.push((name, value.into()));
        self
    }

    fn with_app(self) -> Self {
        self.set("VITRINE_INSTAGRAM__CLIENT_ID", "990602627938098")
            .set("VITRINE_INSTAGRAM__CLIENT_SECRET", "app-secret-of-the-test")
    }

    fn file(self, text: &str) -> Self {
        fs::write(self.path().join("vitrine.toml"), text).unwrap();
        self
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vitrine"));
        command.env_clear().current_dir(self.path()).args(arguments);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        Ended::from(command.output().unwrap())
    }
}

/// How the program ended.
struct Ended {
    code: Option<i32>,
    printed: String,
    said: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            printed: String::from_utf8(output.stdout).unwrap(),
            said: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ended {
    /// One line, with all of these words, and this exit code.
    #[track_caller]
    fn refuses(&self, code: i32, words: &[&str]) {
        let complaints: Vec<&str> = self
            .said
            .lines()
            .filter(|line| line.starts_with("vitrine: "))
            .collect();
        assert_eq!((self.code, complaints.len()), (Some(code), 1), "{}", self.said);
        for word in words {
            assert!(complaints[0].contains(word), "no {word} in: {}", complaints[0]);
        }
        assert!(!self.said.contains("panicked"), "{}", self.said);
    }
}

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
    ] {
        Shell::new()
            .set(name, value)
            .run(&["check-config"])
            .refuses(2, &words);
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

#[test]
fn api_and_worker_refuse_to_start_without_key_or_credentials() {
    for role in ["api", "worker"] {
        Shell::new()
            .with_app()
            .run(&[role])
            .refuses(2, &["security.master_key", "openssl rand -base64 32"]);
        let without_app = Shell::new().set("VITRINE_SECURITY__MASTER_KEY", KEY);
        without_app.run(&[role]).refuses(2, &["instagram.client_id"]);
    }
}

#[test]
fn everything_in_one_process_needs_an_app_or_the_demo() {
    Shell::new()
        .set("VITRINE_DEMO__ENABLED", "false")
        .run(&["up"])
        .refuses(2, &["instagram.client_id"]);
}

#[test]
fn pending_migrations_are_refused_until_they_are_applied() {
    for role in ["api", "worker"] {
        let shell = Shell::new().with_app().set("VITRINE_SECURITY__MASTER_KEY", KEY);
        shell
            .run(&[role, "--listen", "127.0.0.1:0"])
            .refuses(1, &["vitrine migrate"]);
    }
}

#[tokio::test]
async fn pending_migrations_are_refused_on_postgres_too() {
    let shell = Shell::new()
        .with_app()
        .set("VITRINE_SECURITY__MASTER_KEY", KEY)
        .set("VITRINE_DATABASE__URL", database().await.unwrap());

    shell.run(&["worker"]).refuses(1, &["vitrine migrate"]);
    let migrated = shell.run(&["migrate"]);
    let again = shell.run(&["migrate"]);

    assert_eq!(
        (migrated.code, again.code),
        (Some(0), Some(0)),
        "{}",
        migrated.said
    );
    assert!(again.said.contains("\"applied\":0"), "{}", again.said);
}

#[test]
fn what_cannot_be_reached_is_named_without_its_password() {
    let (port, other) = (free_port().unwrap(), free_port().unwrap());
    let database = format!("postgres://owner:hunter2@127.0.0.1:{port}/vitrine");
    let ended = Shell::new()
        .set("VITRINE_DATABASE__URL", database)
        .run(&["migrate"]);
    ended.refuses(1, &["database", &format!("127.0.0.1:{port}"), "refused"]);
    assert!(!ended.said.contains("hunter2"), "{}", ended.said);

    let redis = format!("redis://:hunter2@127.0.0.1:{other}/");
    let shell = Shell::new()
        .with_app()
        .set("VITRINE_SECURITY__MASTER_KEY", KEY)
        .set("VITRINE_REDIS__URL", redis);
    let ended = shell.run(&["worker"]);
    ended.refuses(1, &["Redis", &format!("127.0.0.1:{other}")]);
    assert!(!ended.said.contains("hunter2"), "{}", ended.said);
}

#[test]
fn a_taken_port_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let shell = Shell::new().with_app().set("VITRINE_SECURITY__MASTER_KEY", KEY);

    shell
        .run(&["api", "--listen", &address])
        .refuses(1, &["cannot listen", &address]);
    shell
        .run(&["simulator", "--listen", &address])
        .refuses(1, &["simulator", &address]);
}

#[test]
fn a_master_key_that_others_can_read_is_refused() {
    let shell = Shell::new();
    let key = shell.path().join("data/master.key");
    fs::create_dir(shell.path().join("data")).unwrap();
    fs::write(&key, KEY).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();

    shell
        .run(&["--listen", "127.0.0.1:0"])
        .refuses(2, &["master.key", "chmod 600"]);
}

#[test]
fn the_health_check_fails_when_nobody_answers() {
    let (api, metrics) = (free_port().unwrap(), free_port().unwrap());
    let shell = Shell::new()
        .set("VITRINE_SERVER__LISTEN", format!("127.0.0.1:{api}"))
        .set("VITRINE_SERVER__METRICS_LISTEN", format!("127.0.0.1:{metrics}"));

    shell.run(&["healthcheck"]).refuses(1, &["/metrics"]);
}

#[test]
fn help_names_every_role() {
    let help = Shell::new().run(&["--help"]);

    assert_eq!(help.code, Some(0));
    for word in [
        "up",
        "api",
        "worker",
        "migrate",
        "simulator",
        "check-config",
        "healthcheck",
        "--database-url",
    ] {
        assert!(help.printed.contains(word), "{word}");
    }
    assert_eq!(Shell::new().run(&["serve"]).code, Some(2));
}
